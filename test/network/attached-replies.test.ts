import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { AttachedReplies, type AttachedReply } from '../../src/network/attached-replies.js'
import { HeartbeatResponse } from '../../src/protocol/messages/heartbeat.js'

function reply(sequence: number, written: () => boolean): AttachedReply {
  return {
    target: { connection: 1, sequence, apiKey: 0, apiVersion: 9, correlationId: 0 },
    schema: HeartbeatResponse,
    late: null,
    appends: { ticket: sequence, appendCount: 1, onFailure: () => ({ errorCode: 56 }), written },
  }
}

test('every reply that may still fail is found by its ticket, however they are added, written and taken', () =>
  fc.assert(
    fc.property(fc.array(fc.constantFrom('add', 'write', 'take'), { maxLength: 200 }), (steps) => {
      const replies = new AttachedReplies(1000)
      const written = new Set<number>()
      const open = new Set<number>()
      let next = 0
      for (const step of steps) {
        const [oldest] = open
        if (step === 'add') {
          const sequence = next++
          replies.add(reply(sequence, () => written.has(sequence)))
          open.add(sequence)
        } else if (oldest !== undefined && step === 'write') {
          written.add(oldest)
          open.delete(oldest)
        } else if (open.size > 1) {
          const ticket = [...open].at(-1) as number
          assert.equal(replies.take(ticket)?.appends.ticket, ticket)
          assert.equal(replies.take(ticket), undefined)
          open.delete(ticket)
        }
      }
      for (const ticket of open) assert.equal(replies.take(ticket)?.appends.ticket, ticket)
    }),
  ))

test('a reply that could not be attached is kept until its ticket is settled', () => {
  const replies = new AttachedReplies(2)
  replies.add({ ...reply(0, () => true), late: { errorCode: 0 } })
  for (let sequence = 1; sequence < 20; sequence++) replies.add(reply(sequence, () => true))
  assert.deepEqual(replies.take(0)?.late, { errorCode: 0 })
})
