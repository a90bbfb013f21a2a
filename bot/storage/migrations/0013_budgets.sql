-- Money, in credits of the image API. What a generation was expected to cost when it was reserved; for how many of its
-- images an answer has said the `credits`; what it counts on the operator's budgets, which is what it has cost once it is
-- settled; whether that is an estimate (1) or what the image API said (0), NULL until it is settled; and in which of the
-- operator's days and months. NULL for what a copy of the version before has reserved or settled.
ALTER TABLE generation ADD COLUMN estimate BIGINT;
ALTER TABLE generation ADD COLUMN priced INTEGER;
ALTER TABLE generation ADD COLUMN cost BIGINT;
ALTER TABLE generation ADD COLUMN cost_estimated INTEGER;
ALTER TABLE generation ADD COLUMN budget_day TEXT;
ALTER TABLE generation ADD COLUMN budget_month TEXT;

-- What the version before has settled, and the budgets don't know yet.
CREATE INDEX generation_not_counted ON generation (settled_at) WHERE settled_at IS NOT NULL AND cost_estimated IS NULL;

-- What one picture of a model cost last, made of so many others.
CREATE TABLE price (
    model TEXT NOT NULL,
    inputs INTEGER NOT NULL,
    credits BIGINT NOT NULL,
    paid_at BIGINT NOT NULL,
    PRIMARY KEY (model, inputs)
);
