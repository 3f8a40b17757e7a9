ALTER TABLE "run" ADD COLUMN     "weight_hash_wa" TEXT,
ADD COLUMN     "best_epoch_wa" INTEGER;

ALTER TABLE "epoch_metric" ADD COLUMN     "validation_clean_accuracy_wa" DOUBLE PRECISION,
ADD COLUMN     "validation_robust_accuracy_wa" DOUBLE PRECISION,
ADD COLUMN     "test_clean_accuracy_wa" DOUBLE PRECISION,
ADD COLUMN     "test_robust_accuracy_wa" DOUBLE PRECISION;
