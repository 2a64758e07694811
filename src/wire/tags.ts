import { UnderstudyError } from '../runtime/errors.ts';

/** Of one value, or of one invalidation. */
const MOST_TAGS = 64;
/** Characters of one. */
const MAX_TAG = 256;

/** Refuses what cannot be the tags of a value. Throws INVALID_OPTION. */
export function checkedTags(tags: readonly string[]): readonly string[] {
  if (!Array.isArray(tags))
    throw new UnderstudyError('INVALID_OPTION', `tags: expected an array of texts, got a ${typeof tags}`);
  if (tags.length > MOST_TAGS)
    throw new UnderstudyError('INVALID_OPTION', `tags: expected at most ${MOST_TAGS}, got ${tags.length}`);
  for (const tag of tags) {
    const fits = typeof tag === 'string' && tag !== '' && tag.length <= MAX_TAG && tag.isWellFormed();
    if (fits) continue;
    const given = typeof tag === 'string' ? `one of ${tag.length}` : `a ${typeof tag}`;
    throw new UnderstudyError(
      'INVALID_OPTION',
      `tags: expected well-formed texts of 1 to ${MAX_TAG} characters each, got ${given}`,
    );
  }
  return tags;
}
