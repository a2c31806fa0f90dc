import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  allowHost,
  isAllowed,
  namedHosts,
  narrowPolicy,
  readAddress,
} from '../../src/app/hosts.ts';

const key = 'drpo-hosts';

beforeEach(() => localStorage.removeItem(key));
afterEach(() => {
  localStorage.removeItem(key);
  vi.restoreAllMocks();
});

describe('an address', () => {
  test.each([
    'https://example.org/model.gguf',
    'http://localhost:8080/model.gguf',
    'http://127.0.0.1/model.gguf',
  ])('%s is one', (text) => {
    expect(readAddress(text).href).toBe(text);
  });

  test.each(['', 'model.gguf', 'example.org/model.gguf', 'file:///model.gguf', 'javascript:0'])(
    '“%s” is none, and the sentence shows how one looks',
    (text) => {
      expect(() => readAddress(text)).toThrow(
        expect.objectContaining({
          code: 'host-blocked',
          message: expect.stringContaining('https://example.org/model.gguf') as string,
        }),
      );
    },
  );

  test.each(['http://example.org/model.gguf', 'http://192.168.0.2:8080/model.gguf'])(
    '%s over plain http is refused from a secure page with the way round',
    (text) => {
      expect(() => readAddress(text, 'https:')).toThrow(
        expect.objectContaining({
          code: 'host-blocked',
          message: expect.stringMatching(new URL(text).host.replaceAll('.', '\\.')) as string,
        }),
      );
    },
  );
});

describe('a host', () => {
  test.each([
    ['https://huggingface.co/me/x.gguf', true],
    ['https://cdn-lfs.huggingface.co/x', true],
    ['https://cas-bridge.xethub.hf.co/x', true],
    ['https://raw.githubusercontent.com/x', true],
    [`${location.origin}/x.gguf`, true],
    ['https://hf.co.example.org/x', false],
    ['https://evilhf.co/x', false],
    ['http://cdn.hf.co/x', false],
    ['https://cdn.hf.co:8443/x', false],
    ['https://example.org/x', false],
  ])('%s is allowed from the start: %s', (url, allowed) => {
    expect(isAllowed(new URL(url))).toBe(allowed);
  });

  test('that was named is allowed, once, and with it no other port or scheme', () => {
    allowHost(new URL('https://example.org/a.gguf'));
    allowHost(new URL('https://example.org/b.gguf'));
    allowHost(new URL('http://localhost:8080/c.gguf'));
    expect(namedHosts()).toEqual(['https://example.org', 'http://localhost:8080']);
    expect(isAllowed(new URL('https://example.org/other.gguf'))).toBe(true);
    expect(isAllowed(new URL('http://localhost:8080/'))).toBe(true);
    expect(isAllowed(new URL('http://localhost:9090/'))).toBe(false);
    expect(isAllowed(new URL('https://example.org:444/'))).toBe(false);
    expect(isAllowed(new URL('https://sub.example.org/'))).toBe(false);
  });

  test('that cannot be read as one is left out', () => {
    localStorage.setItem(key, "https://example.org nonsense * https: data:, 'unsafe-inline'");
    expect(namedHosts()).toEqual(['https://example.org']);
  });
});

describe('the policy', () => {
  /** What `narrowPolicy` puts into the page; the test's own page is spared. */
  function narrowed(): readonly HTMLMetaElement[] {
    const put = vi.spyOn(document.head, 'append').mockImplementation(() => undefined);
    narrowPolicy();
    return put.mock.calls.flat().filter((node) => node instanceof HTMLMetaElement);
  }

  test('of a page without one stays away', () => {
    expect(narrowed()).toEqual([]);
  });

  test('is narrowed once, to the hosts in use and nothing wider', () => {
    // In the body a policy is not enforced, and found all the same.
    const policy = document.createElement('meta');
    policy.httpEquiv = 'Content-Security-Policy';
    policy.content = "connect-src 'self' https:";
    document.body.append(policy);
    allowHost(new URL('https://example.org/a.gguf'));
    try {
      const [meta, ...more] = narrowed();
      expect(more).toEqual([]);
      expect(meta?.httpEquiv).toBe('Content-Security-Policy');
      const [directive, ...sources] = meta?.content.split(' ') ?? [];
      expect(directive).toBe('connect-src');
      expect(sources).toContain('https://example.org');
      expect(sources).toContain("'self'");
      expect(sources.filter((s) => s === '*' || s.endsWith(':'))).toEqual(['blob:']);
      expect(meta?.content).not.toContain(';');
    } finally {
      policy.remove();
    }
  });
});
