-- name: drop_draft
UPDATE rollover SET state = 'dropped', next = NULL, changed_at = $1 WHERE state = 'drafted'

-- name: draft
INSERT INTO rollover (state, digest, namespace, on_day, turn, drafted_at, changed_at, next)
VALUES ('drafted', $1, $2, $3, $4::jsonb, $5, $5, $6)
RETURNING number

-- name: under_way
SELECT number, state, digest, namespace, on_day, turn, drafted_at, changed_at FROM rollover
WHERE state IN ('drafted', 'applying', 'applied', 'returning')

-- name: latest
SELECT number, state, digest, namespace, on_day, turn, drafted_at, changed_at FROM rollover
WHERE state <> 'dropped' ORDER BY number DESC LIMIT 1

-- name: turn
SELECT turn FROM rollover WHERE state IN ('applying', 'applied', 'confirmed')
ORDER BY number DESC LIMIT 1

-- name: next
SELECT next FROM rollover WHERE number = $1

-- name: before
SELECT before FROM rollover WHERE number = $1

-- name: begin
UPDATE rollover SET
    state = 'applying', changed_at = $2, before = (SELECT delivery FROM standing)
WHERE number = $1 AND state = 'drafted'
RETURNING number

-- name: step
UPDATE rollover SET
    state = $3, changed_at = $4,
    next = CASE WHEN $3 IN ('applying') THEN next END,
    before = CASE WHEN $3 IN ('applying', 'applied', 'returning') THEN before END
WHERE number = $1 AND state = $2
RETURNING number

-- name: restore
INSERT INTO rollover (state, digest, namespace, turn, drafted_at, changed_at)
VALUES ('confirmed', '', $1, $2::jsonb, $3, $3)
