-- CreateEnum
CREATE TYPE "run_state" AS ENUM ('queued', 'running', 'succeeded', 'failed', 'cancelled');

-- CreateTable
CREATE TABLE "experiment" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "grid" JSONB NOT NULL,
    "grid_hash" TEXT NOT NULL,
    "idempotency_key" TEXT,
    "compare" JSONB NOT NULL,
    "condition_count" INTEGER NOT NULL,
    "run_count" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "experiment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "condition" (
    "id" UUID NOT NULL,
    "experiment_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "spec" JSONB NOT NULL,
    "levels" JSONB NOT NULL,

    CONSTRAINT "condition_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "run" (
    "id" UUID NOT NULL,
    "experiment_id" UUID NOT NULL,
    "condition_id" UUID NOT NULL,
    "seed" BIGINT NOT NULL,
    "position" INTEGER NOT NULL,
    "run_key" TEXT NOT NULL,
    "device_class" TEXT NOT NULL,
    "priority" INTEGER NOT NULL DEFAULT 0,
    "state" "run_state" NOT NULL DEFAULT 'queued',
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "failed_attempts" INTEGER NOT NULL DEFAULT 0,
    "enqueued_at" TIMESTAMPTZ(3),
    "worker_id" UUID,
    "lease_until" TIMESTAMPTZ(3),
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    "epoch" INTEGER,
    "robust_so_far" DOUBLE PRECISION,
    "audit" JSONB,
    "weight_hash" TEXT,
    "metrics" JSONB,
    "best_epoch" INTEGER,
    "backend" JSONB,
    "backend_class" TEXT,
    "seconds" DOUBLE PRECISION,
    "image_passes_per_second" DOUBLE PRECISION,
    "failure" JSONB,

    CONSTRAINT "run_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "attempt" (
    "run_id" UUID NOT NULL,
    "attempt" INTEGER NOT NULL,
    "worker_id" UUID NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),
    "outcome" TEXT,
    "failure" JSONB,

    CONSTRAINT "attempt_pkey" PRIMARY KEY ("run_id","attempt")
);

-- CreateTable
CREATE TABLE "epoch_metric" (
    "run_id" UUID NOT NULL,
    "attempt" INTEGER NOT NULL,
    "epoch" INTEGER NOT NULL,
    "train_loss" DOUBLE PRECISION NOT NULL,
    "train_accuracy" DOUBLE PRECISION NOT NULL,
    "learning_rate" DOUBLE PRECISION NOT NULL,
    "epsilon" DOUBLE PRECISION NOT NULL,
    "validation_clean_accuracy" DOUBLE PRECISION,
    "validation_robust_accuracy" DOUBLE PRECISION,
    "test_clean_accuracy" DOUBLE PRECISION,
    "test_robust_accuracy" DOUBLE PRECISION,
    "seconds" DOUBLE PRECISION NOT NULL,

    CONSTRAINT "epoch_metric_pkey" PRIMARY KEY ("run_id","attempt","epoch")
);

-- CreateTable
CREATE TABLE "worker" (
    "id" UUID NOT NULL,
    "host" TEXT NOT NULL,
    "pid" INTEGER NOT NULL,
    "device_class" TEXT NOT NULL,
    "device" TEXT NOT NULL,
    "backend" JSONB NOT NULL,
    "backend_class" TEXT NOT NULL,
    "code_version" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "heartbeat_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "stopped_at" TIMESTAMPTZ(3),

    CONSTRAINT "worker_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "experiment_idempotency_key_key" ON "experiment"("idempotency_key");

-- CreateIndex
CREATE INDEX "experiment_created_at_id_idx" ON "experiment"("created_at" DESC, "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "condition_experiment_id_position_key" ON "condition"("experiment_id", "position");

-- CreateIndex
CREATE INDEX "run_experiment_id_position_idx" ON "run"("experiment_id", "position");

-- CreateIndex
CREATE INDEX "run_experiment_id_state_idx" ON "run"("experiment_id", "state");

-- CreateIndex
CREATE INDEX "run_state_enqueued_at_idx" ON "run"("state", "enqueued_at");

-- CreateIndex
CREATE INDEX "run_run_key_idx" ON "run"("run_key");

-- CreateIndex
CREATE UNIQUE INDEX "run_condition_id_seed_key" ON "run"("condition_id", "seed");

-- CreateIndex
CREATE INDEX "worker_heartbeat_at_idx" ON "worker"("heartbeat_at");

-- AddForeignKey
ALTER TABLE "condition" ADD CONSTRAINT "condition_experiment_id_fkey" FOREIGN KEY ("experiment_id") REFERENCES "experiment"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run" ADD CONSTRAINT "run_experiment_id_fkey" FOREIGN KEY ("experiment_id") REFERENCES "experiment"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run" ADD CONSTRAINT "run_condition_id_fkey" FOREIGN KEY ("condition_id") REFERENCES "condition"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "attempt" ADD CONSTRAINT "attempt_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "epoch_metric" ADD CONSTRAINT "epoch_metric_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE CASCADE ON UPDATE CASCADE;
