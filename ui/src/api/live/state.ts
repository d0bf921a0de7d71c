import { createGlobalState } from '@vueuse/core'
import { ref } from 'vue'
import type { LiveState } from '../types'

/** The state of the live connection: written by useLive, shown by the status strip and the banner. */
export const useLiveState = createGlobalState(() => ref<LiveState>('connecting'))
