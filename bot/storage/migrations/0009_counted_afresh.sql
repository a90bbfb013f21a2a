-- A counter that was set back to zero counts in a window of its own (its key has a suffix), and now on the whole day, too,
-- so that a reset takes nobody past the operator's ceiling. What was counted before becomes what it would have been.
INSERT INTO meter (name, window_key, used)
SELECT name, SUBSTR(window_key, 1, 10), SUM(used) FROM meter WHERE window_key LIKE '%#%'
GROUP BY name, SUBSTR(window_key, 1, 10)
ON CONFLICT (name, window_key) DO UPDATE SET used = meter.used + excluded.used;
UPDATE meter SET window_key = SUBSTR(window_key, 1, 10) || '~' || SUBSTR(window_key, 12) WHERE window_key LIKE '%#%';
INSERT INTO charge (generation, position, meter, window_key, images, cap)
SELECT generation, position, meter, SUBSTR(window_key, 1, 10), images, NULL FROM charge WHERE window_key LIKE '%#%';
UPDATE charge SET window_key = SUBSTR(window_key, 1, 10) || '~' || SUBSTR(window_key, 12) WHERE window_key LIKE '%#%';
