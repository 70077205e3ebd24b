# At the first start of PostgreSQL: the user of our services owns their database, and nothing else.
psql --quiet --variable=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" \
  --variable=password="$(cat /run/secrets/boucle/password)" <<'SQL'
CREATE ROLE boucle LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'password';
ALTER DATABASE boucle OWNER TO boucle;
SQL
