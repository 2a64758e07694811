import type { Address, Topology } from './options.ts';

const DEFAULT_PORT = 6379;

/** Where Redis is, as it was configured: a name, and a port where there is one for all that is named and not the usual. */
export interface ConfiguredAddress {
  readonly host: string;
  readonly port: number | undefined;
}

/**
 * What OpenTelemetry calls the address of a database server: what is configured, not what was chosen or found. Of a Sentinel
 * group that is the Sentinels and the name of the master, of a Cluster the nodes that were named, in no order.
 */
export function configuredAddress(topology: Topology): ConfiguredAddress {
  switch (topology.kind) {
    case 'standalone': {
      const { address } = topology;
      return 'path' in address ? { host: address.path, port: undefined } : together([address]);
    }
    case 'sentinel':
      return { host: `${topology.sentinels.map(withPort).join()}/${topology.name}`, port: undefined };
    case 'cluster':
      return together(topology.nodes);
  }
}

function together(nodes: readonly Address[]): ConfiguredAddress {
  const [port, ...others] = new Set(nodes.map((node) => node.port));
  if (others.length > 0) return { host: listed(nodes.map(withPort)), port: undefined };
  return { host: listed(nodes.map(({ host }) => host)), port: port === DEFAULT_PORT ? undefined : port };
}

const listed = (names: readonly string[]): string => [...new Set(names)].sort().join();

const withPort = ({ host, port }: Address): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;
