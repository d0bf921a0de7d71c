import { computed, ref } from 'vue'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { createGlobalState } from '@vueuse/core'
import { useTransport } from '../client'
import { keys } from './keys'

const POLL_MS = 700

/** Whether admin calls can be made: a browser needs the admin token, which is forgotten by a reload. */
const useUnlocked = createGlobalState(() => ref(false))

export function useAdminAccess() {
  const transport = useTransport()
  const queryClient = useQueryClient()
  const isUnlocked = useUnlocked()
  const needsToken = transport.admin !== null
  const unlock = useMutation({
    mutationFn: async (token: string) => {
      transport.admin?.set(token)
      try { return (await transport.call('get_database_figures', {})).data }
      catch (error) {
        transport.admin?.set(undefined)
        throw error
      }
    },
    onSuccess: figures => {
      queryClient.setQueryData(keys.admin('database'), figures)
      isUnlocked.value = true
    },
  })
  function lock() {
    transport.admin?.set(undefined)
    isUnlocked.value = false
    queryClient.removeQueries({ queryKey: ['admin'] })
  }
  return { needsToken, isOpen: computed(() => !needsToken || isUnlocked.value), unlock, lock }
}

export function useDatabaseFigures() {
  const transport = useTransport()
  return useQuery({
    queryKey: keys.admin('database'), queryFn: async () => (await transport.call('get_database_figures', {})).data, refetchInterval: 10_000,
  })
}

export function useBackups() {
  const transport = useTransport()
  return useQuery({ queryKey: keys.admin('backups'), queryFn: async () => (await transport.call('list_backups', {})).data })
}

export function useIntegrityCheck() {
  const transport = useTransport()
  return useMutation({ mutationFn: async () => (await transport.call('check_integrity', {})).data })
}

/** Files and their restores. Everything that was read before a restore is read again when the stream says `reset`. */
export function useFiles() {
  const { files, call } = useTransport()
  const queryClient = useQueryClient()
  const done = ref({ sent: 0, total: 0 })
  const progress = (sent: number, total: number) => { done.value = { sent, total } }
  const reset = () => progress(0, 0)
  const listAgain = () => void queryClient.invalidateQueries({ queryKey: keys.admin('backups') })

  const saveBackup = useMutation({ mutationFn: () => files.saveBackup(progress), onMutate: reset })
  const saveStored = useMutation({ mutationFn: (name: string) => files.saveStoredBackup(name, progress), onMutate: reset })
  const inspect = useMutation({ mutationFn: (file: File | undefined) => files.inspectBackup(file, progress), onMutate: reset })
  const restore = useMutation({ mutationFn: (file: File | undefined) => files.restoreBackup(file, progress), onMutate: reset, onSettled: listAgain })
  const inspectStored = useMutation({ mutationFn: async (name: string) => (await call('inspect_stored_backup', { id: name })).data })
  const restoreStored = useMutation({ mutationFn: async (name: string) => (await call('restore_stored_backup', { id: name })).data, onSettled: listAgain })
  return { picksInPage: files.picksInPage, done, saveBackup, saveStored, inspect, restore, inspectStored, restoreStored }
}

/** How far the server is with a restore; asked only while one runs. */
export function useRestoreProgress(isRunning: () => boolean) {
  const transport = useTransport()
  return useQuery({
    queryKey: keys.admin('restore'), queryFn: async () => (await transport.call('get_restore_progress', {})).data,
    enabled: computed(isRunning), refetchInterval: POLL_MS, staleTime: 0, retry: false,
  })
}

export function useDeploy() {
  const transport = useTransport()
  const queryClient = useQueryClient()
  const status = useQuery({
    queryKey: keys.admin('deploy'), queryFn: async () => (await transport.call('get_deploy_status', {})).data,
    refetchInterval: query => query.state.data?.state === 'running' ? POLL_MS : 10_000,
  })
  const isRunning = computed(() => status.data.value?.state === 'running')
  const log = useQuery({
    queryKey: computed(() => keys.admin('deploy log', status.data.value?.jobId ?? '', status.data.value?.state ?? '')),
    queryFn: async () => (await transport.call('get_deploy_log', {})).data.lines,
    enabled: computed(() => Boolean(status.data.value?.jobId)), refetchInterval: () => isRunning.value ? POLL_MS : false,
    placeholderData: lines => lines,
  })
  const start = useMutation({
    mutationFn: async () => { await transport.call('start_deploy', {}) },
    onSettled: () => void queryClient.invalidateQueries({ queryKey: keys.admin('deploy') }),
  })
  return { status, isRunning, log, start }
}
