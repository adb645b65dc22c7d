export { coordinatorPartition } from '../coordinator/coordinator-partition.js'
