import type { components } from '@/api/schema.gen'

/** `unreachable` is ours: nothing answered. */
export type ErrorBody = Partial<Omit<components['schemas']['ErrorBody'], 'code'>> & { code: string }

/** A failure the server told us about, or `code: 'unreachable'` when nothing answered. */
export class ApiError extends Error {
  constructor(readonly code: string, readonly body: ErrorBody, readonly status = 0) {
    super(body.error ?? body.message ?? code)
    this.name = 'ApiError'
  }
}

export function isApiError(error: unknown, code?: string): error is ApiError {
  return error instanceof ApiError && (code === undefined || error.code === code)
}

/** Turns whatever came back as a failure into an ApiError. */
export function toApiError(body: unknown, status = 0): ApiError {
  const known = typeof body === 'object' && body !== null && 'code' in body ? body as ErrorBody : undefined
  const code = known?.code ?? (status === 0 ? 'unreachable' : 'internal')
  return new ApiError(code, { ...known, code }, status)
}

/** A refused admin token says nothing about the session: it must not look like its end. */
export function answerError(url: string, body: unknown, status: number): ApiError {
  const error = toApiError(body, status)
  if (status !== 401 || !url.startsWith('/api/admin/')) return error
  return new ApiError('admin_token_refused', { ...error.body, code: 'admin_token_refused' }, 403)
}
