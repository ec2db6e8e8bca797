// What the gateway needs of the node's logger: the object first, then the sentence (pino drops it otherwise).

export interface GatewayLogger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
