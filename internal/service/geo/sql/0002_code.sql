-- +goose Up
-- The feature code of GeoNames, finer than kind: RESF is a forest reserve,
-- where kind says area. '' where the source gives none.
ALTER TABLE place ADD COLUMN code TEXT NOT NULL DEFAULT '';
