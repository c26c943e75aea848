-- AlterTable
ALTER TABLE "connection" ADD COLUMN "request" TEXT;

-- AlterTable
ALTER TABLE "tunnel" ADD COLUMN "allowedOrigins" TEXT;
ALTER TABLE "tunnel" ADD COLUMN "hostnames" TEXT;
