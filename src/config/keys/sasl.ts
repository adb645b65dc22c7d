// SASL and delegation tokens.

import { double, int, javaClass, list, long, password, short, string } from '../config-key.js'

export const saslKeys = [
  long(
    'connections.max.reauth.ms',
    0,
    'Longest life of an authenticated session before it must authenticate again; 0 for no limit.',
  ),
  long(
    'delegation.token.expiry.check.interval.ms',
    3_600_000,
    'How often expired delegation tokens are removed.',
    { min: 1 },
  ),
  long('delegation.token.expiry.time.ms', 86_400_000, 'Life of a delegation token until it is renewed.', {
    min: 1,
  }),
  long('delegation.token.max.lifetime.ms', 604_800_000, 'Longest life of a delegation token.', { min: 1 }),
  password(
    'delegation.token.secret.key',
    null,
    'Secret that signs delegation tokens; without it they are off.',
  ),
  javaClass(
    'principal.builder.class',
    'org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder',
    "Java class that turns a connection's credentials into a principal.",
    { scope: 'per-broker' },
  ),
  javaClass(
    'sasl.client.callback.handler.class',
    null,
    'Java class with callbacks for the broker as SASL client.',
  ),
  list('sasl.enabled.mechanisms', ['GSSAPI'], 'SASL mechanisms that listeners accept.', {
    emptyAllowed: true,
    scope: 'per-broker',
  }),
  password('sasl.jaas.config', null, 'JAAS login configuration.', { scope: 'per-broker' }),
  string('sasl.kerberos.kinit.cmd', '/usr/bin/kinit', 'Path of kinit.', { scope: 'per-broker' }),
  long('sasl.kerberos.min.time.before.relogin', 60_000, 'Least time between two Kerberos logins.', {
    scope: 'per-broker',
  }),
  list('sasl.kerberos.principal.to.local.rules', ['DEFAULT'], 'Rules that shorten Kerberos principals.', {
    emptyAllowed: true,
    scope: 'per-broker',
  }),
  string('sasl.kerberos.service.name', null, 'Kerberos service name of the broker.', { scope: 'per-broker' }),
  double('sasl.kerberos.ticket.renew.jitter', 0.05, 'Random part of the Kerberos renewal time.', {
    scope: 'per-broker',
  }),
  double(
    'sasl.kerberos.ticket.renew.window.factor',
    0.8,
    "Part of a Kerberos ticket's life after which it is renewed.",
    { scope: 'per-broker' },
  ),
  javaClass('sasl.login.callback.handler.class', null, 'Java class with login callbacks.'),
  javaClass('sasl.login.class', null, 'Java class of the login.'),
  int('sasl.login.connect.timeout.ms', null, 'Longest wait for a connection to the identity provider.'),
  int('sasl.login.read.timeout.ms', null, 'Longest wait for a reply of the identity provider.'),
  short(
    'sasl.login.refresh.buffer.seconds',
    300,
    'Time before expiry by which a credential should be refreshed.',
    { scope: 'per-broker' },
  ),
  short('sasl.login.refresh.min.period.seconds', 60, 'Least time between two credential refreshes.', {
    scope: 'per-broker',
  }),
  double(
    'sasl.login.refresh.window.factor',
    0.8,
    "Part of a credential's life after which it is refreshed.",
    { scope: 'per-broker' },
  ),
  double('sasl.login.refresh.window.jitter', 0.05, 'Random part of the credential refresh time.', {
    scope: 'per-broker',
  }),
  long('sasl.login.retry.backoff.max.ms', 10_000, 'Longest pause between login attempts.'),
  long('sasl.login.retry.backoff.ms', 100, 'First pause between login attempts.'),
  string('sasl.mechanism.inter.broker.protocol', 'GSSAPI', 'SASL mechanism between brokers.', {
    scope: 'per-broker',
  }),
  javaClass(
    'sasl.server.callback.handler.class',
    null,
    'Java class with callbacks for the broker as SASL server.',
  ),
  int('sasl.server.max.receive.size', 524_288, 'Largest message accepted before a client has authenticated.'),
  string('security.providers', null, 'Java security providers.'),
]
