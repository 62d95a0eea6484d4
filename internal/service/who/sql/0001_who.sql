-- +goose Up
CREATE TABLE person (
	id         TEXT COLLATE "C" PRIMARY KEY,
	name       TEXT NOT NULL,             -- as shown to others; empty once erased
	email      TEXT NOT NULL,             -- as they wrote it, where mail goes; empty once erased
	email_key  TEXT COLLATE "C" UNIQUE,   -- the same in lower case; null once erased
	proved_at  BIGINT,                    -- when the address was first proved by a code or a link
	phone      TEXT COLLATE "C" UNIQUE,   -- keyed digest of the number, never the number; null without
	lang       TEXT NOT NULL,
	level      INTEGER NOT NULL,          -- what was proved, 0 to 3
	district   TEXT NOT NULL,             -- ISO 3166-2 code; may be empty
	state      TEXT NOT NULL,             -- active, suspended, erased
	demo       BOOLEAN NOT NULL,          -- made for the demonstration
	created_at BIGINT NOT NULL,
	version    BIGINT NOT NULL
);

CREATE TABLE person_grant (
	person   TEXT COLLATE "C" NOT NULL REFERENCES person (id),
	role     TEXT NOT NULL,
	org      TEXT COLLATE "C" NOT NULL,   -- empty: for the site
	given_by TEXT COLLATE "C" NOT NULL,
	given_at BIGINT NOT NULL,
	PRIMARY KEY (person, role, org)
);
CREATE INDEX person_grant_org ON person_grant (org, role);

CREATE TABLE person_session (
	id         TEXT COLLATE "C" PRIMARY KEY, -- SHA-256 of the token
	person     TEXT COLLATE "C" NOT NULL REFERENCES person (id),
	means      TEXT NOT NULL,             -- code, password, passkey, oidc, link, demo
	strong     BOOLEAN NOT NULL,          -- with a passkey or a second factor
	agent      TEXT NOT NULL,             -- "Firefox, Android": for the list of one's own
	created_at BIGINT NOT NULL,
	proved_at  BIGINT NOT NULL,           -- when the person last showed who they are
	seen_at    BIGINT NOT NULL            -- to within ten minutes
);
CREATE INDEX person_session_person ON person_session (person);
CREATE INDEX person_session_seen ON person_session (seen_at);

-- One step of signing in that is under way: a code by mail, a challenge to a
-- passkey, a journey to another provider, a second factor still to be shown.
CREATE TABLE sign_in_ticket (
	id         TEXT COLLATE "C" PRIMARY KEY, -- SHA-256 of the ticket
	kind       TEXT NOT NULL,
	person     TEXT COLLATE "C" NOT NULL, -- empty where nobody is known yet
	email      TEXT NOT NULL,
	hash       TEXT NOT NULL,             -- keyed digest of the code that is asked for
	data       JSONB NOT NULL,
	tries      INTEGER NOT NULL,
	expires_at BIGINT NOT NULL,
	used_at    BIGINT
);
CREATE INDEX sign_in_ticket_expires ON sign_in_ticket (expires_at);

-- How often something was tried in a span of time. The key is a keyed digest:
-- no address of a person or a network is in it.
CREATE TABLE sign_in_count (
	key        TEXT COLLATE "C" NOT NULL,
	span       BIGINT NOT NULL,
	n          INTEGER NOT NULL,
	expires_at BIGINT NOT NULL,
	PRIMARY KEY (key, span)
);
CREATE INDEX sign_in_count_expires ON sign_in_count (expires_at);

CREATE TABLE person_passkey (
	id         TEXT COLLATE "C" PRIMARY KEY, -- the credential's id
	person     TEXT COLLATE "C" NOT NULL REFERENCES person (id),
	name       TEXT NOT NULL,
	credential JSONB NOT NULL,            -- whole, as the library wants it back
	created_at BIGINT NOT NULL,
	used_at    BIGINT
);
CREATE INDEX person_passkey_person ON person_passkey (person);

CREATE TABLE person_password (
	person     TEXT COLLATE "C" PRIMARY KEY REFERENCES person (id),
	hash       TEXT NOT NULL,             -- argon2id, in the PHC form
	changed_at BIGINT NOT NULL
);

CREATE TABLE person_totp (
	person       TEXT COLLATE "C" PRIMARY KEY REFERENCES person (id),
	secret       TEXT NOT NULL,           -- sealed with a key that is not in the database
	last_step    BIGINT NOT NULL,         -- the last half minute whose code was used
	confirmed_at BIGINT                   -- null while being set up
);

CREATE TABLE person_recovery_code (
	person TEXT COLLATE "C" NOT NULL REFERENCES person (id),
	hash   TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (person, hash)
);

CREATE TABLE person_identity (
	provider   TEXT COLLATE "C" NOT NULL,
	subject    TEXT COLLATE "C" NOT NULL,
	person     TEXT COLLATE "C" NOT NULL REFERENCES person (id),
	email      TEXT NOT NULL,             -- as the provider said it then
	created_at BIGINT NOT NULL,
	PRIMARY KEY (provider, subject)
);
CREATE INDEX person_identity_person ON person_identity (person);

CREATE TABLE person_invitation (
	id         TEXT COLLATE "C" PRIMARY KEY,
	hash       TEXT COLLATE "C" NOT NULL UNIQUE, -- SHA-256 of the token in the link
	email      TEXT NOT NULL,             -- empty: whoever holds the link (first start)
	role       TEXT NOT NULL,
	org        TEXT COLLATE "C" NOT NULL,
	given_by   TEXT COLLATE "C" NOT NULL,
	created_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	used_at    BIGINT,
	used_by    TEXT COLLATE "C"
);
CREATE INDEX person_invitation_org ON person_invitation (org);

CREATE TABLE person_recovery (
	person     TEXT COLLATE "C" PRIMARY KEY REFERENCES person (id),
	started_at BIGINT NOT NULL,
	due_at     BIGINT NOT NULL
);

CREATE TABLE person_key (
	id         TEXT COLLATE "C" PRIMARY KEY, -- the readable beginning of the key
	person     TEXT COLLATE "C" NOT NULL REFERENCES person (id),
	name       TEXT NOT NULL,
	hash       TEXT NOT NULL,             -- SHA-256 of the rest
	actions    JSONB NOT NULL,            -- what it is limited to; null is no limit
	strong     BOOLEAN NOT NULL,          -- made in a session with a second factor
	created_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	used_day   TEXT NOT NULL,             -- civil date; empty if never
	revoked_at BIGINT
);
CREATE INDEX person_key_person ON person_key (person);

CREATE TABLE person_consent (
	person       TEXT COLLATE "C" NOT NULL REFERENCES person (id),
	what         TEXT NOT NULL,
	text_version TEXT NOT NULL,           -- which text they agreed to
	given_at     BIGINT NOT NULL,
	withdrawn_at BIGINT,
	PRIMARY KEY (person, what)
);
