/** The most that a screen may cost. What is absent is not bounded. */
export interface BudgetConfig {
  /** Of the body of the complete response. */
  readonly bytes?: number;
  /** To services, for one request. */
  readonly calls?: number;
  readonly criticalPathMs?: number;
  readonly waves?: number;
}

export interface BudgetsConfig extends BudgetConfig {
  /** By the name of the plan; each member replaces the one of all screens. */
  readonly screens: Readonly<Record<string, BudgetConfig>>;
}

/** The cost of a screen. */
export interface ScreenCost {
  /** The name of the plan. */
  readonly screen: string;
  /** Undefined where the document has no example. */
  readonly bytes: number | undefined;
  readonly calls: number;
  readonly criticalPathMs: number;
  readonly waves: number;
}

/** A figure that is above its budget. */
export interface BudgetExcess {
  readonly figure: keyof BudgetConfig;
  readonly value: number;
  readonly budget: number;
}

const figures = ['bytes', 'calls', 'criticalPathMs', 'waves'] as const satisfies readonly (keyof BudgetConfig)[];

/** The budget of a screen: its own, else the one of all screens. */
export function budgetOf({ screens, ...all }: BudgetsConfig, screen: string): BudgetConfig {
  return { ...all, ...(Object.hasOwn(screens, screen) ? screens[screen] : {}) };
}

/** The figures of a screen that are above their budget. */
export function budgetExcess(budgets: BudgetsConfig, cost: ScreenCost): readonly BudgetExcess[] {
  const budget = budgetOf(budgets, cost.screen);
  return figures.flatMap((figure) => {
    const [value, most] = [cost[figure], budget[figure]];
    return value !== undefined && most !== undefined && value > most ? [{ figure, value, budget: most }] : [];
  });
}
