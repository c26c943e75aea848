-- AlterTable
ALTER TABLE "connection" ADD COLUMN "messages" TEXT;
