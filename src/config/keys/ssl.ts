// TLS.

import { boolean, javaClass, list, password, string } from '../config-key.js'

export const sslKeys = [
  boolean('ssl.allow.dn.changes', false, 'Whether a renewed certificate may name another subject.'),
  boolean('ssl.allow.san.changes', false, 'Whether a renewed certificate may drop alternative names.'),
  list('ssl.cipher.suites', [], 'Cipher suites offered; empty for all that the library offers.', {
    emptyAllowed: true,
    scope: 'per-broker',
  }),
  string('ssl.client.auth', 'none', 'Whether clients must, may or need not show a certificate.', {
    oneOf: ['required', 'requested', 'none'],
    scope: 'per-broker',
  }),
  list('ssl.enabled.protocols', ['TLSv1.2', 'TLSv1.3'], 'TLS versions accepted.', {
    emptyAllowed: true,
    scope: 'per-broker',
  }),
  string(
    'ssl.endpoint.identification.algorithm',
    'https',
    "How a server's name is checked against its certificate; empty for not at all.",
    { scope: 'per-broker' },
  ),
  javaClass('ssl.engine.factory.class', null, 'Java class that makes TLS engines.', { scope: 'per-broker' }),
  password('ssl.key.password', null, 'Password of the private key.', { scope: 'per-broker' }),
  string('ssl.keymanager.algorithm', '<JVM default: SunX509>', 'Algorithm of the Java key manager.', {
    scope: 'per-broker',
  }),
  password('ssl.keystore.certificate.chain', null, 'Certificate chain in PEM.', { scope: 'per-broker' }),
  password('ssl.keystore.key', null, 'Private key in PEM.', { scope: 'per-broker' }),
  string('ssl.keystore.location', null, 'File with the key store.', { scope: 'per-broker' }),
  password('ssl.keystore.password', null, 'Password of the key store.', { scope: 'per-broker' }),
  string('ssl.keystore.type', 'JKS', 'Format of the key store.', { scope: 'per-broker' }),
  string(
    'ssl.principal.mapping.rules',
    'DEFAULT',
    "Rules that turn a certificate's subject into a principal's name.",
  ),
  string('ssl.protocol', 'TLSv1.3', 'TLS version used to make the context.', { scope: 'per-broker' }),
  string('ssl.provider', null, 'Java security provider for TLS.', { scope: 'per-broker' }),
  string('ssl.secure.random.implementation', null, 'Java source of random numbers for TLS.', {
    scope: 'per-broker',
  }),
  string('ssl.trustmanager.algorithm', '<JVM default: PKIX>', 'Algorithm of the Java trust manager.', {
    scope: 'per-broker',
  }),
  password('ssl.truststore.certificates', null, 'Trusted certificates in PEM.', { scope: 'per-broker' }),
  string('ssl.truststore.location', null, 'File with the trust store.', { scope: 'per-broker' }),
  password('ssl.truststore.password', null, 'Password of the trust store.', { scope: 'per-broker' }),
  string('ssl.truststore.type', 'JKS', 'Format of the trust store.', { scope: 'per-broker' }),
]
