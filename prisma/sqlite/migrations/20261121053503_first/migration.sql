-- CreateTable
CREATE TABLE "cluster" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "name" TEXT NOT NULL,
    "isConnected" BOOLEAN NOT NULL DEFAULT false,
    "addresslessSince" DATETIME,
    "forcedBy" TEXT,
    "forcedAt" DATETIME,
    "kubernetesVersion" TEXT,
    "discovery" TEXT,
    "lastSeenAt" DATETIME,
    "pastBytesIn" BIGINT NOT NULL DEFAULT 0,
    "pastBytesOut" BIGINT NOT NULL DEFAULT 0,
    "createdAt" DATETIME NOT NULL,
    "updatedAt" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "agent_token" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "clusterId" TEXT NOT NULL,
    "prefix" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "createdAt" DATETIME NOT NULL,
    "expiresAt" DATETIME,
    "lastUsedAt" DATETIME,
    "revokedAt" DATETIME,
    CONSTRAINT "agent_token_clusterId_fkey" FOREIGN KEY ("clusterId") REFERENCES "cluster" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "agent" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "clusterId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "instanceId" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "capabilities" TEXT NOT NULL,
    "forceTunnelMode" BOOLEAN NOT NULL DEFAULT false,
    "dualModeEnabled" BOOLEAN NOT NULL DEFAULT false,
    "startedAt" DATETIME NOT NULL,
    "lastSeenAt" DATETIME NOT NULL,
    "createdAt" DATETIME NOT NULL,
    CONSTRAINT "agent_clusterId_fkey" FOREIGN KEY ("clusterId") REFERENCES "cluster" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "agent_inventory" (
    "agentId" TEXT NOT NULL PRIMARY KEY,
    "instanceId" TEXT NOT NULL,
    "generation" INTEGER NOT NULL,
    "snapshot" TEXT NOT NULL,
    "receivedAt" DATETIME NOT NULL,
    CONSTRAINT "agent_inventory_agentId_fkey" FOREIGN KEY ("agentId") REFERENCES "agent" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "tunnel" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "clusterId" TEXT NOT NULL,
    "namespace" TEXT NOT NULL,
    "gateway" TEXT NOT NULL,
    "protocol" TEXT NOT NULL,
    "port" INTEGER NOT NULL,
    "hostname" TEXT NOT NULL,
    "spec" TEXT NOT NULL,
    "phase" TEXT NOT NULL,
    "phaseReason" TEXT,
    "closingAt" DATETIME,
    "searchText" TEXT NOT NULL,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "forcedBy" TEXT,
    "forcedAt" DATETIME,
    "chosenMode" TEXT,
    "chosenBy" TEXT,
    "chosenAt" DATETIME,
    "connectTimeoutMs" INTEGER,
    "idleTimeoutMs" INTEGER,
    "maxConnections" INTEGER,
    "createdAt" DATETIME NOT NULL,
    "updatedAt" DATETIME NOT NULL,
    CONSTRAINT "tunnel_clusterId_fkey" FOREIGN KEY ("clusterId") REFERENCES "cluster" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "port_lease" (
    "tunnelId" TEXT NOT NULL PRIMARY KEY,
    "port" INTEGER NOT NULL,
    "createdAt" DATETIME NOT NULL,
    "listenedAt" DATETIME,
    "moves" INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT "port_lease_tunnelId_fkey" FOREIGN KEY ("tunnelId") REFERENCES "tunnel" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "user" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "name" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "emailVerified" BOOLEAN NOT NULL DEFAULT false,
    "image" TEXT,
    "role" TEXT NOT NULL DEFAULT 'viewer',
    "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "session" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "expiresAt" DATETIME NOT NULL,
    "token" TEXT NOT NULL,
    "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" DATETIME NOT NULL,
    "ipAddress" TEXT,
    "userAgent" TEXT,
    "userId" TEXT NOT NULL,
    CONSTRAINT "session_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "account" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "accountId" TEXT NOT NULL,
    "providerId" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "accessToken" TEXT,
    "refreshToken" TEXT,
    "idToken" TEXT,
    "accessTokenExpiresAt" DATETIME,
    "refreshTokenExpiresAt" DATETIME,
    "scope" TEXT,
    "password" TEXT,
    "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" DATETIME NOT NULL,
    CONSTRAINT "account_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "verification" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "identifier" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "expiresAt" DATETIME NOT NULL,
    "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "api_key" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "name" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "prefix" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "createdBy" TEXT NOT NULL,
    "createdAt" DATETIME NOT NULL,
    "expiresAt" DATETIME,
    "lastUsedAt" DATETIME
);

-- CreateTable
CREATE TABLE "one_time_link" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "purpose" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "userId" TEXT,
    "createdAt" DATETIME NOT NULL,
    "expiresAt" DATETIME NOT NULL,
    "usedAt" DATETIME
);

-- CreateTable
CREATE TABLE "connection" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "tunnelId" TEXT NOT NULL,
    "clusterId" TEXT NOT NULL,
    "agentId" TEXT,
    "agentName" TEXT,
    "relayId" TEXT NOT NULL,
    "clientAddress" TEXT NOT NULL,
    "openedAt" DATETIME NOT NULL,
    "lastActivityAt" DATETIME NOT NULL,
    "openLatencyMs" REAL,
    "bytesIn" BIGINT NOT NULL,
    "bytesOut" BIGINT NOT NULL,
    "closedAt" DATETIME NOT NULL,
    "closeReason" TEXT NOT NULL,
    "closeDetail" TEXT
);

-- CreateTable
CREATE TABLE "tunnel_counter" (
    "tunnelId" TEXT NOT NULL,
    "relayInstance" TEXT NOT NULL,
    "bytesIn" BIGINT NOT NULL,
    "bytesOut" BIGINT NOT NULL,
    "opened" BIGINT NOT NULL,
    "failed" BIGINT NOT NULL,
    "updatedAt" DATETIME NOT NULL,

    PRIMARY KEY ("tunnelId", "relayInstance")
);

-- CreateTable
CREATE TABLE "metric_point" (
    "scope" TEXT NOT NULL,
    "step" INTEGER NOT NULL,
    "at" DATETIME NOT NULL,
    "bytesIn" BIGINT NOT NULL,
    "bytesOut" BIGINT NOT NULL,
    "opened" INTEGER NOT NULL,
    "failed" INTEGER NOT NULL,
    "open" INTEGER NOT NULL,

    PRIMARY KEY ("scope", "step", "at")
);

-- CreateTable
CREATE TABLE "audit_event" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "at" DATETIME NOT NULL,
    "actorKind" TEXT NOT NULL,
    "actorId" TEXT,
    "actorName" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "objectKind" TEXT NOT NULL,
    "objectId" TEXT,
    "objectName" TEXT NOT NULL,
    "before" TEXT,
    "after" TEXT,
    "address" TEXT
);

-- CreateTable
CREATE TABLE "setting" (
    "key" TEXT NOT NULL PRIMARY KEY,
    "value" TEXT NOT NULL,
    "setBy" TEXT NOT NULL,
    "setAt" DATETIME NOT NULL
);

-- CreateIndex
CREATE UNIQUE INDEX "cluster_name_key" ON "cluster"("name");

-- CreateIndex
CREATE UNIQUE INDEX "agent_token_hash_key" ON "agent_token"("hash");

-- CreateIndex
CREATE INDEX "agent_token_clusterId_createdAt_idx" ON "agent_token"("clusterId", "createdAt");

-- CreateIndex
CREATE INDEX "agent_clusterId_name_idx" ON "agent"("clusterId", "name");

-- CreateIndex
CREATE INDEX "tunnel_phase_idx" ON "tunnel"("phase");

-- CreateIndex
CREATE UNIQUE INDEX "tunnel_clusterId_namespace_gateway_protocol_port_hostname_key" ON "tunnel"("clusterId", "namespace", "gateway", "protocol", "port", "hostname");

-- CreateIndex
CREATE UNIQUE INDEX "port_lease_port_key" ON "port_lease"("port");

-- CreateIndex
CREATE UNIQUE INDEX "user_email_key" ON "user"("email");

-- CreateIndex
CREATE UNIQUE INDEX "session_token_key" ON "session"("token");

-- CreateIndex
CREATE INDEX "session_userId_idx" ON "session"("userId");

-- CreateIndex
CREATE INDEX "account_userId_idx" ON "account"("userId");

-- CreateIndex
CREATE INDEX "verification_identifier_idx" ON "verification"("identifier");

-- CreateIndex
CREATE UNIQUE INDEX "api_key_hash_key" ON "api_key"("hash");

-- CreateIndex
CREATE INDEX "api_key_createdAt_idx" ON "api_key"("createdAt");

-- CreateIndex
CREATE UNIQUE INDEX "one_time_link_hash_key" ON "one_time_link"("hash");

-- CreateIndex
CREATE INDEX "one_time_link_expiresAt_idx" ON "one_time_link"("expiresAt");

-- CreateIndex
CREATE INDEX "connection_closedAt_id_idx" ON "connection"("closedAt", "id");

-- CreateIndex
CREATE INDEX "connection_tunnelId_closedAt_id_idx" ON "connection"("tunnelId", "closedAt", "id");

-- CreateIndex
CREATE INDEX "connection_clusterId_closedAt_id_idx" ON "connection"("clusterId", "closedAt", "id");

-- CreateIndex
CREATE INDEX "metric_point_step_at_idx" ON "metric_point"("step", "at");

-- CreateIndex
CREATE INDEX "audit_event_at_id_idx" ON "audit_event"("at", "id");

-- CreateIndex
CREATE INDEX "audit_event_objectKind_objectId_at_id_idx" ON "audit_event"("objectKind", "objectId", "at", "id");

-- CreateIndex
CREATE INDEX "audit_event_action_at_id_idx" ON "audit_event"("action", "at", "id");
