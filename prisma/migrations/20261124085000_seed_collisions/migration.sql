ALTER TABLE "condition" ADD COLUMN     "seed_collisions" JSONB;
