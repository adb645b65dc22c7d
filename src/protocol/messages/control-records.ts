/*
 * Key and values of control records. The key is int16 version 0 and the type; the value of a transaction marker
 * is int16 version 0 and the coordinator epoch.
 */

import { data, type Infer, int16, int32 } from '../schema.js'

export const ControlRecordTypeSchema = data({ valid: [0, 0] }, { type: int16() })
export type ControlRecordTypeSchema = Infer<typeof ControlRecordTypeSchema>

export const EndTxnMarker = data({ valid: [0, 0] }, { coordinatorEpoch: int32() })
export type EndTxnMarker = Infer<typeof EndTxnMarker>
