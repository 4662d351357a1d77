export { type ExecuteApiAddress, executeApiAddress } from './data-plane/execute-api-address.ts';
export { type Gateway, type GatewayOptions, startGateway } from './start-gateway.ts';
