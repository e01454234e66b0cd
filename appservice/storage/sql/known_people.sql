-- name: find
SELECT id_digest, fingerprint FROM known_person WHERE id_digest = ANY($1::bytea[])

-- name: accept
INSERT INTO known_person (id_digest, fingerprint)
SELECT * FROM unnest($1::bytea[], $2::bytea[])
ON CONFLICT (id_digest) DO UPDATE SET fingerprint = EXCLUDED.fingerprint
WHERE known_person.fingerprint <> EXCLUDED.fingerprint
