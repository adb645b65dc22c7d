/*
 * Cluster metadata records of the security and quota rooms: credentials, access control entries, client quotas.
 * Framed as in metadata-frame.ts.
 */

import { array, bool, bytes, data, float64, type Infer, int8, int32, string, uuid } from '../schema.js'

export const UserScramCredentialRecord = data(
  { key: 11, valid: [0, 0], flexible: 0 },
  {
    name: string(),
    mechanism: int8(),
    salt: bytes(),
    storedKey: bytes(),
    serverKey: bytes(),
    iterations: int32(),
  },
)
export type UserScramCredentialRecord = Infer<typeof UserScramCredentialRecord>

export const RemoveUserScramCredentialRecord = data(
  { key: 22, valid: [0, 0], flexible: 0 },
  { name: string(), mechanism: int8() },
)
export type RemoveUserScramCredentialRecord = Infer<typeof RemoveUserScramCredentialRecord>

export const AccessControlEntryRecord = data(
  { key: 18, valid: [0, 0], flexible: 0 },
  {
    id: uuid(),
    resourceType: int8(),
    resourceName: string(),
    patternType: int8(),
    principal: string(),
    host: string(),
    operation: int8(),
    permissionType: int8(),
  },
)
export type AccessControlEntryRecord = Infer<typeof AccessControlEntryRecord>

export const RemoveAccessControlEntryRecord = data({ key: 19, valid: [0, 0], flexible: 0 }, { id: uuid() })
export type RemoveAccessControlEntryRecord = Infer<typeof RemoveAccessControlEntryRecord>

export const ClientQuotaRecord = data(
  { key: 14, valid: [0, 0], flexible: 0 },
  {
    entity: array({ entityType: string(), entityName: string({ nullable: true }) }),
    key: string(),
    value: float64(),
    remove: bool(),
  },
)
export type ClientQuotaRecord = Infer<typeof ClientQuotaRecord>
