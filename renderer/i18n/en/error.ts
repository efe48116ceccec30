// Long because it has a text for every error there is.
import type { ErrorCode } from '@shared/error'
import { panel } from './error-panel'

export interface ErrorText {
  message: string
  hint: string
}

/**
 * What each error says and what to do next. A missing code does not compile. A message never starts with a placeholder:
 * where the context lacks one, words of `panel.some` stand in for it ("the registry").
 */
const texts: Record<ErrorCode, ErrorText> = {
  BLOB_UNKNOWN: {
    message: 'A layer of {reference} is missing on {host}.',
    hint: 'The image may have been deleted or is still being uploaded. Try again, or push the image once more.',
  },
  BLOB_UPLOAD_INVALID: {
    message: 'A layer was refused by {host} during the upload.',
    hint: 'Try again. If it keeps failing, ask who runs the registry whether its storage is in order.',
  },
  BLOB_UPLOAD_UNKNOWN: {
    message: 'An upload that had begun is no longer known to {host}.',
    hint: 'Try again: what has arrived already is not sent twice.',
  },
  DIGEST_INVALID: {
    message: 'What arrived at {host} does not match its digest.',
    hint: 'The data was changed on the way, often by a proxy. Try again.',
  },
  MANIFEST_BLOB_UNKNOWN: {
    message: 'Layers of {reference} are missing on {host}, so the image was not accepted.',
    hint: 'Try again: the missing layers are sent then.',
  },
  MANIFEST_INVALID: {
    message: 'The manifest of {reference} was not accepted by {host}.',
    hint: 'The registry may be too old for this kind of image. The details hold its own words.',
  },
  MANIFEST_UNKNOWN: {
    message: 'Could not find {reference} on {host}.',
    hint: 'It may have been deleted or renamed. Refresh the list to see what is there now.',
  },
  NAME_INVALID: {
    message: 'The name was refused: {host} does not allow {repository}.',
    hint: 'Use lower-case letters, digits, dots, dashes and underscores, with slashes between the parts.',
  },
  NAME_UNKNOWN: {
    message: 'Could not find {repository} on {host}.',
    hint: 'Check the spelling and the namespace. A repository comes into being with its first push.',
  },
  SIZE_INVALID: {
    message: 'What arrived at {host} has another length than announced.',
    hint: 'The connection was probably cut. Try again.',
  },
  UNAUTHORIZED: {
    message: 'The sign-in of {account} was not accepted by {host}.',
    hint: 'Check user name and password, and sign in again.',
  },
  DENIED: {
    message: 'No permission: {host} does not allow this to {account}.',
    hint: 'Check the namespace or tenant ID, sign in with another account, or ask its owner for access.',
  },
  UNSUPPORTED: {
    message: 'This is not supported by {host}.',
    hint: 'The registry lacks the function or has it switched off. Who runs it can tell.',
  },
  TOOMANYREQUESTS: {
    message: 'Too many requests: {host} asks to wait.',
    hint: 'Try again in {wait}. Signing in often raises the limit.',
  },
  HOST_UNKNOWN: {
    message: 'Could not find {host} on the network.',
    hint: 'Check the spelling of the address, and whether a VPN or the company network is needed.',
  },
  CONNECTION_REFUSED: {
    message: 'No connection: nothing answers at {host}.',
    hint: 'Check the port, and whether the registry is running. Then try again.',
  },
  CONNECTION_LOST: {
    message: 'The connection to {host} was lost.',
    hint: 'Check the network and try again.',
  },
  TIMED_OUT: {
    message: 'No answer from {host} within the time allowed.',
    hint: 'The network is slow, or a firewall holds the connection back. Try again.',
  },
  TLS_UNTRUSTED: {
    message: 'The certificate of {host} comes from an authority that is not known here.',
    hint: 'Registries with a private CA are like this. Look at the certificate and trust it for this registry only.',
  },
  TLS_EXPIRED: {
    message: 'The certificate of {host} is not valid at this time.',
    hint: 'Check the clock of this computer. If it is right, the registry needs a new certificate.',
  },
  TLS_NAME_MISMATCH: {
    message: 'The certificate shown was not made for {host}.',
    hint: 'Use the address that the certificate names, or ask who runs the registry to correct it.',
  },
  TLS_EXPECTED_HTTP: {
    message: 'No encryption: {host} speaks http where https was expected.',
    hint: 'Check the port. If it really speaks http only, choose http in the registry’s settings.',
  },
  HTTP_EXPECTED_TLS: {
    message: 'Encryption wanted: {host} speaks https where http was set.',
    hint: 'Choose https in the registry’s settings.',
  },
  REALM_REFUSED: {
    message: 'Sign-in for {host} goes through a token service on another address, and was stopped there.',
    hint: 'Nothing was sent. If you know that address, confirm it once, and your account may be sent there.',
  },
  REDIRECT_REFUSED: {
    message: 'A redirect of {host} to an unsafe address was not followed.',
    hint: 'It led from https to http, in a circle, or too far. Who runs the registry should check its settings.',
  },
  PROXY_FAILED: {
    message: 'The proxy did not let the request through to {host}.',
    hint: 'Check the proxy in the system’s network settings, or except this registry from it.',
  },
  NOT_A_REGISTRY: {
    message: 'The server answers, yet there is no container registry at {host}.',
    hint: 'Check address and port: often the registry has another name than its web pages.',
  },
  REGISTRY_FAILED: {
    message: 'An internal failure was reported by {host}.',
    hint: 'The fault is on the registry’s side. Try again later.',
  },
  RESPONSE_INVALID: {
    message: 'The answer of {host} could not be understood.',
    hint: 'A proxy or a sign-in page of the network may have answered in its place. Check the network and try again.',
  },
  RESPONSE_TOO_LARGE: {
    message: 'The answer of {host} is too large to be what was asked for.',
    hint: 'It was not read to the end, to keep this computer safe.',
  },
  DIGEST_MISMATCH: {
    message: 'What {host} sent does not match the digest of {reference}.',
    hint: 'It was discarded: the data was changed on the way or is damaged in the registry. Try again.',
  },
  SIZE_MISMATCH: {
    message: 'What {host} sent for {reference} has another length than announced.',
    hint: 'It was discarded. Try again.',
  },
  LISTING_UNSUPPORTED: {
    message: 'Repositories cannot be listed on {host}.',
    hint: 'Add the repositories you use by name; they are remembered here.',
  },
  DELETE_DISABLED: {
    message: 'Deleting is switched off on {host}.',
    hint: 'Only who runs the registry can switch it on.',
  },
  SCHEMA1_UNSUPPORTED: {
    message: 'The format of {reference} is too old (Docker schema 1).',
    hint: 'Pull it with an old Docker and push it again, or build it anew.',
  },
  ENGINE_MISSING: {
    message: 'No container engine was found on this computer.',
    hint: 'Install Docker or Podman, or set DOCKER_HOST to the one you use. Browsing works without an engine.',
  },
  ENGINE_STOPPED: {
    message: 'The container engine is not running.',
    hint: 'Start Docker or Podman; it is noticed here by itself.',
  },
  ENGINE_DENIED: {
    message: 'The container engine is running, but your user may not use it.',
    hint: 'On Linux your user usually has to be in the group “docker”; sign out and in again after the change.',
  },
  ENGINE_LOST: {
    message: 'The connection to the container engine was lost.',
    hint: 'It was probably restarted. Try again when it is back.',
  },
  ENGINE_FAILED: {
    message: 'The container engine reported a failure.',
    hint: 'The details hold its own words. Try again.',
  },
  ENGINE_DISK_FULL: {
    message: 'The disk of the container engine is full.',
    hint: 'Remove images or containers that you no longer need, then start again.',
  },
  ENGINE_UNTRUSTED_REGISTRY: {
    message: 'The container engine does not trust the certificate of {host}.',
    hint: 'The engine keeps its own list: put the CA into /etc/docker/certs.d/ under the registry’s address as ca.crt (Docker Desktop: into the system’s certificates, then restart it).',
  },
  ENGINE_UNREACHABLE_REGISTRY: {
    message: 'The container engine cannot reach {host}.',
    hint: 'The engine has its own network and proxy settings. Check them, then try again.',
  },
  ENGINE_INSECURE: {
    message: 'Your password is not sent to this container engine, because the way there is not encrypted.',
    hint: 'Choose an engine on this computer, or reach the other one through TLS.',
  },
  IMAGE_NOT_FOUND: {
    message: 'Could not find {reference} in the container engine.',
    hint: 'It may have been removed elsewhere. Refresh the list.',
  },
  IMAGE_IN_USE: {
    message: 'A container still needs {reference}.',
    hint: 'Stop and remove that container first.',
  },
  PLATFORM_MISSING: {
    message: 'Nothing for this platform: {reference} is there for other platforms only.',
    hint: 'Choose one of the platforms that the image has.',
  },
  KEYCHAIN_UNAVAILABLE: {
    message: 'The system’s keychain cannot be used, so the password cannot be kept safely.',
    hint: 'You can keep it for this session only: it is forgotten when the program ends, and never written to a file.',
  },
  KEYCHAIN_LOCKED: {
    message: 'The system’s keychain is locked.',
    hint: 'Unlock it, then try again.',
  },
  CREDENTIAL_MISSING: {
    message: 'The password of {account} for {host} is not in the keychain any more.',
    hint: 'Sign in again.',
  },
  TAG_EXISTS: {
    message: 'The tag {tag} exists already, with another image.',
    hint: 'Look at what is there, and start again if it may be covered.',
  },
  TAG_CHANGED: {
    message: 'The tag {tag} was changed on {host} in the meantime.',
    hint: 'Nothing was done. Look at what is there now, then decide again.',
  },
  NOT_VERIFIED: {
    message: 'The transfer ran, but {host} does not show {reference} as it was sent.',
    hint: 'Someone else may have pushed at the same moment. Try again.',
  },
  INTERRUPTED: {
    message: 'The program ended before this was done.',
    hint: 'Try again: what has arrived already is not sent twice.',
  },
  CANCELLED: {
    message: 'You cancelled this.',
    hint: 'It can be started again at any time.',
  },
  INPUT_INVALID: {
    message: 'Something in the input is not as it has to be.',
    hint: 'Check the marked field.',
  },
  REGISTRY_UNKNOWN: {
    message: 'This registry is not in the list any more.',
    hint: 'It was removed. Add it again if you need it.',
  },
  REGISTRY_DUPLICATE: {
    message: 'In the list already: {host}, with the same name and namespace.',
    hint: 'Edit that one, or give this one another name. One registry may have several accounts.',
  },
  CERTIFICATE_INVALID: {
    message: 'No usable certificate was found in this text.',
    hint: 'Choose a PEM file: it has a line “BEGIN CERTIFICATE”.',
  },
  JOB_UNKNOWN: {
    message: 'This transfer is not in the list any more.',
    hint: 'It was removed from the history.',
  },
  STORE_FAILED: {
    message: 'The program could not write its own files.',
    hint: 'Check whether the disk is full and the folder may be written to. Then try again.',
  },
  POOL_UNKNOWN: {
    message: 'This pool is not in the list any more.',
    hint: 'Choose another pool, or add it again under Pools.',
  },
  POOL_DUPLICATE: {
    message: 'A pool with this address is in the list already.',
    hint: 'Use the one that is there, or change its name or certificates.',
  },
  POOL_UNSUPPORTED: {
    message: 'The pool {pool} cannot do this.',
    hint: 'The details say what. Leave that setting out, or choose a pool of another kind.',
  },
  SSH_MISSING: {
    message: 'No ssh program was found on this computer.',
    hint: 'Install OpenSSH, and try again.',
  },
  SSH_HOST_UNKNOWN: {
    message: 'The host key of {host} is not known yet.',
    hint: 'Connect once in a terminal with ssh, compare the fingerprint, accept it, and try again.',
  },
  SSH_HOST_CHANGED: {
    message: 'The host key of {host} is not the one that is known.',
    hint: 'Someone may be in between. Ask who runs the host; only then remove the old key with ssh-keygen -R.',
  },
  SSH_DENIED: {
    message: 'No sign-in at {host} over ssh.',
    hint: 'Slipway asks for no ssh password: add your key to the ssh agent, and check the user name in the address.',
  },
  SSH_FAILED: {
    message: 'The connection to {host} over ssh broke off.',
    hint: 'The host must run, and have the docker or podman program in the path of this user. The details hold the words of ssh.',
  },
  ENGINE_TLS_REFUSED: {
    message: 'The engine at {host} did not accept the certificates.',
    hint: 'Check the folder: ca.pem must be the authority of the engine, and cert.pem with key.pem one that the engine accepts.',
  },
  SWARM_NEEDED: {
    message: 'This engine is not a manager of a swarm.',
    hint: 'Choose a manager, or begin a swarm under Pools.',
  },
  DEPLOYMENT_UNKNOWN: {
    message: 'The deployment {deployment} is not there any more.',
    hint: 'It was removed, perhaps from another computer. Refresh the list.',
  },
  DEPLOYMENT_CHANGED: {
    message: 'The deployment {deployment} was changed meanwhile.',
    hint: 'Look at what runs now, and make the change again.',
  },
  DEPLOYMENT_INVALID: {
    message: 'The engine did not accept the settings of {deployment}.',
    hint: 'The details name what it did not accept. Change it, and deploy again.',
  },
  DESCRIPTION_INVALID: {
    message: 'This is not a description file that Slipway can read.',
    hint: 'The details name the line. A form can be saved as a description to see what one looks like.',
  },
  NAME_TAKEN: {
    message: 'The name {deployment} is taken in this pool.',
    hint: 'Choose another name, or remove what has it.',
  },
  PORT_IN_USE: {
    message: 'The host port {port} is in use.',
    hint: 'Choose another one, or leave it to the engine.',
  },
  CONTAINER_EXITED: {
    message: 'The container of {deployment} ended with exit code {exitCode}.',
    hint: 'Its last lines are in the details. Often a variable, a file or a command is missing.',
  },
  NOT_HEALTHY: {
    message: 'The new instances of {deployment} did not become healthy in time.',
    hint: 'The details hold the last health check and the last lines of the log. What ran before was left as it is.',
  },
  NOT_REACHABLE: {
    message: 'The container of {deployment} runs, but its port {port} does not answer.',
    hint: 'Check that it listens on this port and on all addresses, not on 127.0.0.1 only. What ran before was left as it is.',
  },
  RESOURCES_MISSING: {
    message: 'No host of this pool has room for {deployment}.',
    hint: 'Ask for less CPU or memory, or add a host. The details hold the words of the engine.',
  },
  SECRET_MISSING: {
    message: 'A secret variable of {deployment} has no value here.',
    hint: 'Type its value again; it is kept in the keychain of this computer.',
  },
  TERMINAL_FAILED: {
    message: 'No terminal could be opened in this instance.',
    hint: 'The image may have no shell. The details hold the words of the engine.',
  },
  ARCHIVE_CHANGED: {
    message: 'The archive is not the one that was looked at.',
    hint: 'It was written again meanwhile. Open it once more and look at what is in it now.',
  },
  ARCHIVE_INVALID: {
    message: 'The archive is damaged, cut short, or not what it claims to be.',
    hint: 'Copy or save it anew, then try again. The details say what is wrong with it.',
  },
  ARCHIVE_UNSUPPORTED: {
    message: 'There are no images in this file that can be read here.',
    hint: 'Choose what “docker save” writes, also as .tar.gz or .tar.zst, or an OCI layout (a folder or a tar).',
  },
  ARCHIVE_UNREADABLE: {
    message: 'The archive could not be read from the disk.',
    hint: 'Check that it is still there and may be read, then try again.',
  },
  INTERNAL: {
    message: 'Something went wrong inside the program.',
    hint: 'Try again. If it comes back, the details help to report it.',
  },
}

/** The same without an account, and for a token service that no confirmation would help: other words are true then. */
const otherwise: Pick<typeof texts, 'UNAUTHORIZED' | 'DENIED' | 'CREDENTIAL_MISSING' | 'REALM_REFUSED'> = {
  REALM_REFUSED: {
    message: 'Sign-in for {host} goes through a token service at an unsafe address, and was stopped there.',
    hint: 'Nothing was sent. The details say what is wrong with it; who runs the registry has to correct it.',
  },
  UNAUTHORIZED: {
    message: 'You need to be signed in to {host} for this.',
    hint: 'Sign in with an account that may use it.',
  },
  DENIED: {
    message: 'No permission: {host} does not allow this.',
    hint: 'Sign in, check the namespace or tenant ID, or ask its owner for access.',
  },
  CREDENTIAL_MISSING: {
    message: 'The password for {host} is not in the keychain any more.',
    hint: 'Sign in again.',
  },
}

export const error = { ...texts, otherwise, panel }
