// The format of the log: one message is one atomic step of one actor.
import type { DomainEvent } from '../actor/definition.ts';
import { idOfSubject } from './subject.ts';

/** Where a step came from: the request and the trace that caused it. */
export interface Cause {
  readonly request?: string;
  readonly trace?: string;
  /** Import only: when it happened, so that whoever finishes the work finishes it at that time. */
  readonly historic?: number;
}

/** An event in the log; `by` and `cause` are given when they differ from the message's (several commands in one step). */
export interface LoggedEvent extends DomainEvent {
  readonly by?: string;
  readonly cause?: Cause;
}

export interface LogBody {
  /** Version of the actor after this step, from 1 without gaps. */
  readonly v: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly by: string;
  readonly cause: Cause;
  readonly events: readonly LoggedEvent[];
  /** The actor's full state after the step. */
  readonly state?: unknown;
  /** Small figures for views when `state` is not in every message. */
  readonly summary?: unknown;
  /** Stream sequence of the last message with a full state, when this one has none. */
  readonly snapshot?: number;
}

export interface LogMessage {
  readonly stream: string;
  readonly seq: number;
  readonly subject: string;
  /** The actor's id. */
  readonly id: string;
  readonly body: LogBody;
}

/** Names the event types of a step, so that a reaction can pass over it without parsing the body. */
export const EVENTS_HEADER = 'Souk-Events';

export function eventTypes({ events }: LogBody): string {
  return events.length === 1 ? (events[0]?.type ?? '') : [...new Set(events.map((event) => event.type))].join(',');
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function encodeBody(body: LogBody): Uint8Array {
  return encoder.encode(JSON.stringify(body));
}

export function decodeMessage(stream: string, seq: number, subject: string, data: Uint8Array): LogMessage {
  return { stream, seq, subject, id: idOfSubject(subject), body: JSON.parse(decoder.decode(data)) as LogBody };
}
