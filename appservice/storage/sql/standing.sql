-- name: accept
INSERT INTO standing (version, accepted_at, namespace, delivery) VALUES (1, $1, $2, $3)
ON CONFLICT (one) DO UPDATE SET
    version = CASE
        WHEN (standing.namespace, standing.delivery) = (EXCLUDED.namespace, EXCLUDED.delivery)
        THEN standing.version ELSE standing.version + 1
    END,
    accepted_at = EXCLUDED.accepted_at,
    namespace = EXCLUDED.namespace,
    delivery = EXCLUDED.delivery
RETURNING version

-- name: version
SELECT coalesce((SELECT version FROM standing), 0)

-- name: latest
SELECT version, accepted_at, namespace, delivery FROM standing
