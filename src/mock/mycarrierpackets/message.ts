import { jsonAnswer } from '../answer.ts';

/** The default error body of .NET's Web API. */
export function message(status: number, text: string): Response {
  return jsonAnswer({ Message: text }, status);
}
