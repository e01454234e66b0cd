#!/bin/sh
# Run once by the PostgreSQL image, on an empty volume.
set -eu

for name in synapse school_spaces; do
    psql --username=postgres --set=ON_ERROR_STOP=1 \
        --set=name="$name" --set=password="$POSTGRES_PASSWORD" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
-- Synapse asks for this collation; School Spaces sorts by itself.
CREATE DATABASE :"name" OWNER :"name" TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C';
SQL
done
