import { searchMigration } from './schema-search'

/**
 * The cache's tables. What a digest names never changes, so manifests, configs and facts are kept once for all registries;
 * `place` says which repository was seen to hold one. A list's rows carry the generation (the number of the refresh) that
 * saw them last: a whole refresh takes away what it did not see, a cut one takes away nothing.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE listing (
    registry_id TEXT PRIMARY KEY,
    generation INTEGER NOT NULL,
    fetched_at INTEGER,
    complete INTEGER NOT NULL,
    refused INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE repository (
    registry_id TEXT NOT NULL,
    name TEXT NOT NULL,
    by_hand INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    PRIMARY KEY (registry_id, name)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX repository_by_hand ON repository (registry_id, name) WHERE by_hand = 1;

  CREATE TABLE summary (
    registry_id TEXT NOT NULL,
    name TEXT NOT NULL,
    tag_count INTEGER,
    newest_tag TEXT,
    newest_created INTEGER,
    title TEXT,
    description TEXT,
    summarized_at INTEGER NOT NULL,
    PRIMARY KEY (registry_id, name)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE tag_list (
    registry_id TEXT NOT NULL,
    repository TEXT NOT NULL,
    generation INTEGER NOT NULL,
    fetched_at INTEGER,
    complete INTEGER NOT NULL,
    PRIMARY KEY (registry_id, repository)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE tag (
    registry_id TEXT NOT NULL,
    repository TEXT NOT NULL,
    name TEXT NOT NULL,
    digest TEXT,
    checked_at INTEGER,
    generation INTEGER NOT NULL,
    PRIMARY KEY (registry_id, repository, name)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE manifest (
    digest TEXT PRIMARY KEY,
    media_type TEXT NOT NULL,
    kind TEXT NOT NULL,
    stored_at INTEGER NOT NULL,
    bytes BLOB NOT NULL
  ) STRICT;

  CREATE TABLE config (
    digest TEXT PRIMARY KEY,
    bytes BLOB NOT NULL
  ) STRICT;

  CREATE TABLE fact (
    digest TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    created INTEGER,
    size INTEGER,
    platforms TEXT NOT NULL,
    description TEXT
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE place (
    registry_id TEXT NOT NULL,
    repository TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (registry_id, repository, digest)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE layer (
    registry_id TEXT NOT NULL,
    repository TEXT NOT NULL,
    diff_id TEXT NOT NULL,
    digest TEXT NOT NULL,
    size INTEGER NOT NULL,
    PRIMARY KEY (registry_id, repository, diff_id)
  ) STRICT, WITHOUT ROWID;
  `,
  searchMigration,
  // The custom base images are asked for with each image that is indexed.
  // A search reads the places of an image off the index alone.
  `
  CREATE INDEX place_of_ownbase ON place (digest, repository) WHERE substr(repository, -8) = '_ownbase';
  DROP INDEX tag_by_digest;
  CREATE INDEX tag_by_digest ON tag (digest, created) WHERE digest IS NOT NULL;
  `,
]
