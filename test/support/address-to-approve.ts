/** The line on stderr with the address that a person is to open and approve. */
export const ADDRESS_TO_APPROVE = /^ {2}(https?:\/\/\S+)$/m;

/** The same for a device, with the code that is to be compared. */
export const DEVICE_TO_APPROVE = /^ {2}(https?:\/\/\S+)\n\n {2}(\S+)$/m;
