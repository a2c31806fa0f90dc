/** A role that another model than the one which answers may play, and what it is called. */
export interface OtherRole {
  readonly role: 'evaluator' | 'optimizer';
  readonly label: string;
  readonly term: string;
}

export const otherRoles: readonly OtherRole[] = [
  { role: 'evaluator', label: 'Judges the answers', term: 'evaluator' },
  { role: 'optimizer', label: 'Rewrites the prompt', term: 'optimizer' },
];
