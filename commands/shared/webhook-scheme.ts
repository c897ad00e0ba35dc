import { statSync } from 'node:fs';
import { isLwiError, LwiError } from '../../src/errors.ts';
import { didYouMean } from '../../src/providers/nearest-name.ts';
import { PRESET_NAMES, presetScheme, schemeFrom } from '../../src/webhooks/presets.ts';
import type { WebhookScheme } from '../../src/webhooks/scheme.ts';

/**
 * The scheme of `--scheme`: the name of a preset, a JSON file with a `webhook` object, or that object itself. Throws USAGE when it is none of
 * them, CONFIG_INVALID with the path of what is wrong in the object.
 */
export async function webhookScheme(text: string): Promise<WebhookScheme> {
  const preset = presetScheme(text);
  if (preset) return preset;
  const { parseJson, parseWebhookDefinition, readJsonFile } = await import('../../src/config.ts');
  const inline = text.trimStart().startsWith('{');
  if (!inline && !statSync(text, { throwIfNoEntry: false })?.isFile()) {
    throw new LwiError(
      'USAGE',
      `"${text}" is no scheme and no file: ${PRESET_NAMES.join(', ')}.${didYouMean(text, PRESET_NAMES)}`,
      {
        hint: 'Name one of these, or give a JSON file, or JSON such as {"header":"x-signature","prefix":"sha256="}.',
      },
    );
  }
  const source = inline ? '--scheme' : text;
  try {
    const value = inline ? parseJson(source, text) : await readJsonFile(text);
    return schemeFrom(await parseWebhookDefinition(source, value));
  } catch (error) {
    if (!isLwiError(error, 'CONFIG_INVALID')) throw error;
    throw new LwiError(error.code, error.message, {
      hint: 'Correct the scheme: docs/adding-a-provider.md says what may stand in it.',
    });
  }
}
