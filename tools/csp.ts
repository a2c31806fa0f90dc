import type { Plugin } from 'vite';

/**
 * The policy of the built page. It is written into the page, so that it holds on any static host; the development server
 * needs inline styles and goes without. Model files may come from any host a person names, and a server may be on the local
 * network (browsers block plain http from a secure page by themselves); `main.ts` narrows
 * `connect-src` to the hosts in use before a worker starts. Workers start from blobs, which inherit the page's policy.
 */
export const policy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self' blob:",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "manifest-src 'self'",
  "connect-src 'self' blob: https: http:",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** Puts the policy into the built page, as the first thing in its head. */
export function contentSecurityPolicy(): Plugin {
  return {
    name: 'content-security-policy',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: () => [
        {
          tag: 'meta',
          attrs: { 'http-equiv': 'Content-Security-Policy', content: policy },
          injectTo: 'head-prepend',
        },
      ],
    },
  };
}
