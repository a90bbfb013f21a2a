-- What the image model says it made of the prompt; NULL where it says nothing, and once the prompt is erased.
ALTER TABLE generation ADD COLUMN model_prompt TEXT;
