import type { ErrorCode } from '../../errors.ts';
import type { FaultCode } from '../provider.ts';

const rows = (error: ErrorCode, meanings: Readonly<Record<string, string>>): FaultCode[] =>
  Object.entries(meanings).map(([code, meaning]) => ({ code, error, meaning }));

/**
 * What Slack says in `error`. Only `token_expired` is worth a refresh; the others of its kind end the connection. Source: docs.slack.dev method
 * pages, as captured in the package slack_kit (`priv/docs/common_errors.json`) and in slackapi SDKs. What is not here is PROVIDER_REFUSED.
 */
export const faultCodes: readonly FaultCode[] = [
  ...rows('UNAUTHORIZED', { token_expired: 'the access token has expired' }),
  ...rows('RECONNECT_REQUIRED', {
    invalid_auth: 'the token is not valid',
    token_revoked: 'the token was revoked, or the app removed',
    account_inactive: 'the user or the workspace is gone',
    not_authed: 'no token was taken',
    org_login_required: 'the workspace moves to an organization; its owner must log in there',
  }),
  ...rows('FORBIDDEN', {
    missing_scope: 'the token lacks a scope; the message names it',
    no_permission: 'the token has not the permission',
    restricted_action: 'a setting of the workspace forbids it',
    not_allowed_token_type: 'this kind of token may not do it',
    access_denied: 'no access to the resource',
    accesslimited: 'no access from this network',
    ekm_access_denied: 'administrators have suspended access to the messages',
    enterprise_is_restricted: 'not for tokens of an organization',
    team_access_not_granted: 'the token has no access to this workspace',
    two_factor_setup_required: 'the user must set up a second factor',
    not_in_channel: 'the app is not in the channel: invite it',
    is_archived: 'the channel is archived',
    cant_update_message: 'only its author may change the message',
    cant_delete_message: 'only its author may delete the message',
    edit_window_closed: 'too late to change the message',
  }),
  ...rows('NOT_FOUND', {
    channel_not_found: 'no such channel, or not seen by this token',
    user_not_found: 'no such user, or not seen by this token',
    users_not_found: 'nobody has this address',
    message_not_found: 'no such message',
    thread_not_found: 'no such thread',
    team_not_found: 'no such workspace',
  }),
  ...rows('BAD_REQUEST', {
    unknown_method: 'there is no such method',
    method_deprecated: 'the method is no longer there',
    deprecated_endpoint: 'the address is no longer there',
    invalid_cursor: 'the cursor is not valid, or no longer',
    invalid_arguments: 'an argument is not valid; the message names it',
    invalid_arg_name: 'the name of an argument is not valid',
    invalid_array_arg: 'an argument was given as a list',
    invalid_charset: 'the charset is not known',
    invalid_form_data: 'the form is missing or broken',
    invalid_json: 'the body is no JSON',
    invalid_post_type: 'the content-type is not known',
    missing_post_type: 'there is no content-type',
    missing_charset: 'there is no charset',
    json_not_object: 'the body is no JSON object',
    limit_required: 'the list is too long without `limit`',
    invalid_limit: 'the number of rows is not valid',
    invalid_types: 'a type of conversation is not valid',
    invalid_ts_latest: 'the upper bound is no timestamp',
    invalid_ts_oldest: 'the lower bound is no timestamp',
    method_not_supported_for_channel_type: 'this type of conversation does not know the method',
  }),
  ...rows('VALIDATION_FAILED', {
    no_text: 'the message has no text',
    msg_too_long: 'the message is too long',
    msg_blocks_too_long: 'the blocks are too long',
    invalid_blocks: 'the blocks are not valid',
    too_many_attachments: 'too many attachments',
  }),
  ...rows('RATE_LIMITED', {
    ratelimited: 'too many calls of this method',
    rate_limited: 'too many messages',
  }),
  ...rows('SERVER_ERROR', {
    internal_error: 'trouble inside Slack; some of it may be done',
    fatal_error: 'trouble inside Slack; some of it may be done',
    fetch_members_failed: 'the members of a channel could not be read',
    request_timeout: 'the body arrived late or cut off',
    service_unavailable: 'Slack is down for the moment',
    team_added_to_org: 'the workspace is being moved to an organization for the moment',
  }),
];

const BY_CODE: ReadonlyMap<string, ErrorCode> = new Map(faultCodes.map(({ code, error }) => [code, error]));

/** What a word in `error` stands for. */
export function errorOfFaultCode(code: string | undefined): ErrorCode {
  return (code === undefined ? undefined : BY_CODE.get(code)) ?? 'PROVIDER_REFUSED';
}
