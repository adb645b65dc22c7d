// SASL OAUTHBEARER.

import { boolean, int, javaClass, list, long, password, string } from '../config-key.js'

export const saslOauthKeys = [
  string('sasl.oauthbearer.assertion.algorithm', 'RS256', 'Signature algorithm of the client assertion.', {
    oneOf: ['ES256', 'RS256'],
    caseInsensitive: true,
  }),
  string('sasl.oauthbearer.assertion.claim.aud', null, 'Audience claim of the client assertion.'),
  int('sasl.oauthbearer.assertion.claim.exp.seconds', 300, 'Life of the client assertion.', {
    min: 0,
    max: 86_400,
  }),
  string('sasl.oauthbearer.assertion.claim.iss', null, 'Issuer claim of the client assertion.'),
  boolean(
    'sasl.oauthbearer.assertion.claim.jti.include',
    false,
    'Whether the client assertion carries a unique id.',
  ),
  int(
    'sasl.oauthbearer.assertion.claim.nbf.seconds',
    60,
    "How far the client assertion's not-before time lies back.",
    { min: 0, max: 3600 },
  ),
  string('sasl.oauthbearer.assertion.claim.sub', null, 'Subject claim of the client assertion.'),
  string('sasl.oauthbearer.assertion.file', null, 'File with a ready client assertion.'),
  string(
    'sasl.oauthbearer.assertion.private.key.file',
    null,
    'File with the key that signs the client assertion.',
  ),
  password(
    'sasl.oauthbearer.assertion.private.key.passphrase',
    null,
    'Passphrase of the key that signs the client assertion.',
  ),
  string(
    'sasl.oauthbearer.assertion.template.file',
    null,
    'File with headers and claims for the client assertion.',
  ),
  string(
    'sasl.oauthbearer.client.credentials.client.id',
    null,
    'Client id for the client credentials grant.',
  ),
  password(
    'sasl.oauthbearer.client.credentials.client.secret',
    null,
    'Client secret for the client credentials grant.',
  ),
  int(
    'sasl.oauthbearer.clock.skew.seconds',
    30,
    'Clock difference to the identity provider that is forgiven.',
  ),
  list('sasl.oauthbearer.expected.audience', [], 'Audiences of which a token must name one.', {
    emptyAllowed: true,
  }),
  string('sasl.oauthbearer.expected.issuer', null, 'Issuer that a token must name.'),
  long(
    'sasl.oauthbearer.jwks.endpoint.refresh.ms',
    3_600_000,
    "How often the provider's signing keys are fetched.",
  ),
  long(
    'sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms',
    10_000,
    'Longest pause between attempts to fetch signing keys.',
  ),
  long(
    'sasl.oauthbearer.jwks.endpoint.retry.backoff.ms',
    100,
    'First pause between attempts to fetch signing keys.',
  ),
  string('sasl.oauthbearer.jwks.endpoint.url', null, "Where the provider's signing keys are."),
  javaClass(
    'sasl.oauthbearer.jwt.retriever.class',
    'org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever',
    'Java class that fetches tokens.',
  ),
  javaClass(
    'sasl.oauthbearer.jwt.validator.class',
    'org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator',
    'Java class that checks tokens.',
  ),
  string('sasl.oauthbearer.scope', null, 'Scope asked for with a token.'),
  string('sasl.oauthbearer.scope.claim.name', 'scope', "Claim that holds a token's scope."),
  string('sasl.oauthbearer.sub.claim.name', 'sub', "Claim that holds a token's subject."),
  string('sasl.oauthbearer.token.endpoint.url', null, 'Where tokens are fetched.'),
]
