-- AlterTable
ALTER TABLE "cluster" ADD COLUMN "resources" TEXT;

-- AlterTable
ALTER TABLE "tunnel" ADD COLUMN "directDrainMs" INTEGER;

-- RedefineTables
PRAGMA defer_foreign_keys=ON;
PRAGMA foreign_keys=OFF;
CREATE TABLE "new_connection" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "tunnelId" TEXT NOT NULL,
    "clusterId" TEXT NOT NULL,
    "agentId" TEXT,
    "agentName" TEXT,
    "via" TEXT NOT NULL DEFAULT 'agent',
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
INSERT INTO "new_connection" ("agentId", "agentName", "bytesIn", "bytesOut", "clientAddress", "closeDetail", "closeReason", "closedAt", "clusterId", "id", "lastActivityAt", "openLatencyMs", "openedAt", "relayId", "tunnelId") SELECT "agentId", "agentName", "bytesIn", "bytesOut", "clientAddress", "closeDetail", "closeReason", "closedAt", "clusterId", "id", "lastActivityAt", "openLatencyMs", "openedAt", "relayId", "tunnelId" FROM "connection";
DROP TABLE "connection";
ALTER TABLE "new_connection" RENAME TO "connection";
CREATE INDEX "connection_closedAt_id_idx" ON "connection"("closedAt", "id");
CREATE INDEX "connection_tunnelId_closedAt_id_idx" ON "connection"("tunnelId", "closedAt", "id");
CREATE INDEX "connection_clusterId_closedAt_id_idx" ON "connection"("clusterId", "closedAt", "id");
PRAGMA foreign_keys=ON;
PRAGMA defer_foreign_keys=OFF;
