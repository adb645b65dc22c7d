import type { Controller } from './controller.js'
import { PRODUCER_ID_BLOCK_SIZE } from './limits.js'

/** Producer ids one by one, out of blocks the controller reserves. A restart loses what is left of a block. */
export class ProducerIds {
  private nextId = 0
  private blockEnd = 0
  private reserving: Promise<void> | null = null

  constructor(private readonly controller: Pick<Controller, 'allocateProducerIds'>) {}

  /** Rejects when the block could not be written; the next call tries again. */
  async next(): Promise<number> {
    while (this.nextId === this.blockEnd) {
      this.reserving ??= this.reserve().finally(() => {
        this.reserving = null
      })
      await this.reserving
    }
    return this.nextId++
  }

  private async reserve(): Promise<void> {
    const block = await this.controller.allocateProducerIds(PRODUCER_ID_BLOCK_SIZE)
    this.nextId = block.firstProducerId
    this.blockEnd = block.firstProducerId + block.count
  }
}
