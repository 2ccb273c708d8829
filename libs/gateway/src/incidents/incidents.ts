import type { BffConfig, IncidentsConfig } from '@frontage/config';
import { channels, type Clock, type Incident, type Warning } from '@frontage/core';
import { IncidentFolder } from './incident-folder.js';
import { incidentText } from './incident-text.js';
import { ScreenIncidents, type ScreenIncident } from './screen-incidents.js';

/** Least time between two incidents that are kept, in ms: a storm of them must not cost the app its time. */
const leastPauseMs = 1_000;

/** Keeps the requests that did not go well, of the screens that policy names. */
export class Incidents {
  readonly folder: IncidentFolder;
  readonly #config: BffConfig;
  readonly #settings: IncidentsConfig;
  readonly #clock: Clock;
  #keptAt = Number.NEGATIVE_INFINITY;
  #writing: Promise<void> | undefined;

  constructor(config: BffConfig, settings: IncidentsConfig, clock: Clock) {
    this.#config = config;
    this.#settings = settings;
    this.#clock = clock;
    this.folder = new IncidentFolder(settings.folder, settings.keep);
  }

  /** @returns undefined for a screen of which nothing is kept */
  of(screen: string): ScreenIncidents | undefined {
    if (!this.#settings.screens.includes(screen)) return undefined;
    const { slowMs } = this.#config.tracing;
    return new ScreenIncidents({ screen, slowMs, clock: this.#clock, keep: (made) => this.#keep(made) });
  }

  /** Resolves when what was kept is written. */
  async stop(): Promise<void> {
    await this.#writing;
  }

  #keep(made: () => ScreenIncident): void {
    const now = this.#clock.now();
    // A disk that hangs holds one incident, not all of them.
    if (now - this.#keptAt < leastPauseMs || this.#writing !== undefined) return;
    this.#keptAt = now;
    const { bff: app, environment } = this.#config;
    const incident: Incident = { incident: 1, app, environment, ...made() };
    this.#writing = this.folder
      .add(incident.requestId, incidentText(incident, this.#settings.maxBytes))
      .catch((cause: unknown) => {
        const message = 'an incident could not be kept: look at incidents.folder of the policy';
        channels.warning.publish({ from: 'gateway', message, cause } satisfies Warning);
      })
      .finally(() => (this.#writing = undefined));
  }
}
