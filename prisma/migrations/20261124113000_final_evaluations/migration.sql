-- AlterTable
ALTER TABLE "run" ADD COLUMN     "gates_failed" INTEGER,
ADD COLUMN     "stopped" JSONB;

-- CreateTable
CREATE TABLE "evaluation" (
    "run_id" UUID NOT NULL,
    "experiment_id" UUID NOT NULL,
    "attempt" INTEGER NOT NULL,
    "weights" TEXT NOT NULL,
    "attack" TEXT NOT NULL,
    "stage" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "images" INTEGER NOT NULL,
    "accuracy" DOUBLE PRECISION NOT NULL,
    "correct" BYTEA NOT NULL,
    "seconds" DOUBLE PRECISION NOT NULL,

    CONSTRAINT "evaluation_pkey" PRIMARY KEY ("run_id","attempt","weights","attack","stage")
);

-- CreateTable
CREATE TABLE "masking_gate" (
    "run_id" UUID NOT NULL,
    "attempt" INTEGER NOT NULL,
    "weights" TEXT NOT NULL,
    "gate" TEXT NOT NULL,
    "passed" BOOLEAN NOT NULL,
    "measured" DOUBLE PRECISION NOT NULL,
    "limit" DOUBLE PRECISION NOT NULL,

    CONSTRAINT "masking_gate_pkey" PRIMARY KEY ("run_id","attempt","weights","gate")
);

-- CreateIndex
CREATE INDEX "evaluation_experiment_id_attack_weights_stage_idx" ON "evaluation"("experiment_id", "attack", "weights", "stage");

-- CreateIndex
CREATE INDEX "run_experiment_id_gates_failed_idx" ON "run"("experiment_id", "gates_failed");

-- AddForeignKey
ALTER TABLE "evaluation" ADD CONSTRAINT "evaluation_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "masking_gate" ADD CONSTRAINT "masking_gate_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE CASCADE ON UPDATE CASCADE;
