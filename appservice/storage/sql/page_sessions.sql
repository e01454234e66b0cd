-- name: give_link
INSERT INTO page_link (digest, person_id, expires_at) VALUES ($1, $2, $3)

-- name: use_link
DELETE FROM page_link WHERE digest = $1 RETURNING person_id, expires_at

-- name: open_session
INSERT INTO page_session (digest, person_id, way, opened_at, expires_at) VALUES ($1, $2, $3, $4, $5)

-- name: session
SELECT person_id FROM page_session WHERE digest = $1 AND expires_at > $2

-- name: opened_since
SELECT count(*) FROM page_session WHERE person_id = $1 AND opened_at > $2

-- name: end_session
DELETE FROM page_session WHERE digest = $1

-- name: end_sessions_of
DELETE FROM page_session WHERE person_id = ANY($1::text[])

-- name: end_links_of
DELETE FROM page_link WHERE person_id = ANY($1::text[])

-- name: forget_links
DELETE FROM page_link WHERE expires_at <= $1

-- name: forget_sessions
DELETE FROM page_session WHERE expires_at <= $1

-- name: export_sessions
SELECT way, opened_at, expires_at FROM page_session WHERE person_id = $1
UNION ALL SELECT 'unused link', NULL, expires_at FROM page_link WHERE person_id = $1
ORDER BY expires_at
