/** The tables of `jobs.db`, by version. */
export const migrations: readonly string[] = [
  `
  CREATE TABLE job (id TEXT PRIMARY KEY, created_at INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
  CREATE TABLE temporary_reference (
    endpoint TEXT NOT NULL,
    repository TEXT NOT NULL,
    tag TEXT NOT NULL,
    image_id TEXT NOT NULL,
    previous_id TEXT,
    PRIMARY KEY (endpoint, repository, tag)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE upload_session (
    job_id TEXT NOT NULL,
    blob TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (job_id, blob)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE compressed_layer (
    diff_id TEXT NOT NULL,
    compressor TEXT NOT NULL,
    digest TEXT NOT NULL,
    size INTEGER NOT NULL,
    PRIMARY KEY (diff_id, compressor)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE deleted_tag (
    registry_id TEXT NOT NULL,
    repository TEXT NOT NULL,
    tag TEXT NOT NULL,
    digest TEXT NOT NULL,
    deleted_at INTEGER,
    PRIMARY KEY (registry_id, repository, tag, digest)
  ) STRICT;
  CREATE INDEX deleted_tag_time ON deleted_tag (deleted_at);
  CREATE TABLE kept_manifest (
    root TEXT NOT NULL,
    digest TEXT NOT NULL,
    media_type TEXT NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (root, digest)
  ) STRICT;
  `,
  `
  CREATE TABLE unowned_secret (deployment_id TEXT PRIMARY KEY, names TEXT NOT NULL) STRICT, WITHOUT ROWID;
  `,
]
