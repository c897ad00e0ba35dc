/**
 * What a test takes: `usual` where all of CI has a quarter of an hour, and `all` with LWI_TEST_THOROUGH=1, for whoever changes what it is about, and before
 * a release. More rounds of the same, never another claim.
 */
export const thorough = <T>(usual: T, all: T): T => (process.env['LWI_TEST_THOROUGH'] === '1' ? all : usual);
