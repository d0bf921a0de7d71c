import type { QueryClient } from '@tanstack/vue-query'
import { createRouter, createWebHistory } from 'vue-router'
import { mayEnter } from './api/queries/session'
import { type AgentTab, agentTabs } from './features/agents/tabs'
import { type ProjectTab, projectTabs } from './features/projects/tabs'
import { type SettingsTab, settingsTabs } from './features/settings/tabs'
import type { Transport } from './transport'

export function makeRouter(queryClient: QueryClient, transport: Transport) {
  const router = createRouter({
    history: createWebHistory(),
    routes: [
      { path: '/sign-in', name: 'sign-in', component: () => import('./pages/SignInPage.vue') },
      {
        path: '/',
        component: () => import('./pages/ShellPage.vue'),
        children: [
          { path: '', name: 'overview', component: () => import('./pages/OverviewPage.vue') },
          { path: 'projects', name: 'projects', component: () => import('./pages/ProjectsPage.vue') },
          {
            path: `projects/:id/:tab(${projectTabs.join('|')})?`,
            name: 'project',
            component: () => import('./pages/ProjectPage.vue'),
            props: to => ({ id: String(to.params.id), tab: (to.params.tab || 'timeline') as ProjectTab }),
          },
          { path: 'runs', name: 'runs', component: () => import('./pages/RunsPage.vue') },
          { path: 'runs/:id', name: 'run', component: () => import('./pages/RunPage.vue'), props: true },
          { path: 'timeline', name: 'timeline', component: () => import('./pages/TimelinePage.vue') },
          { path: 'usage', name: 'usage', component: () => import('./pages/UsagePage.vue') },
          {
            path: `agents/:tab(${agentTabs.join('|')})?`,
            name: 'agents',
            component: () => import('./pages/AgentsPage.vue'),
            props: to => ({ tab: (to.params.tab || 'profiles') as AgentTab }),
          },
          { path: 'ops', name: 'ops', component: () => import('./pages/OpsPage.vue') },
          {
            path: `settings/:tab(${settingsTabs.join('|')})?`,
            name: 'settings',
            component: () => import('./pages/SettingsPage.vue'),
            props: to => ({ tab: (to.params.tab || 'account') as SettingsTab }),
          },
          { path: 'connect', name: 'connect', component: () => import('./pages/ConnectPage.vue') },
          { path: ':rest(.*)*', name: 'not-found', component: () => import('./pages/NotFoundPage.vue') },
        ],
      },
    ],
  })

  router.beforeEach(async to => {
    const entered = await mayEnter(queryClient, transport)
    if (to.name === 'sign-in') return transport.session && !entered ? true : { name: 'overview' }
    return entered ? true : { name: 'sign-in', query: to.fullPath === '/' ? {} : { next: to.fullPath } }
  })
  return router
}
