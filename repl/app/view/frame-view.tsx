import { Text, useApp, useCursor, useInput, usePaste, type Key, type SuspendTerminal } from "ink";
import { useEffect, type ReactNode } from "react";

export interface FrameViewProps {
  /** A letter for each line. */
  readonly lines: readonly string[];
  readonly cursor: { readonly x: number; readonly y: number } | undefined;
  readonly onInput: (input: string, key: Key) => void;
  readonly onPaste: (text: string) => void;
  readonly onReady: (suspend: SuspendTerminal) => void;
}

/** The lines, and the terminal's own cursor among them. */
export function FrameView({ lines, cursor, onInput, onPaste, onReady }: FrameViewProps): ReactNode {
  const { suspendTerminal } = useApp();
  const { setCursorPosition } = useCursor();
  useInput(onInput);
  usePaste(onPaste);
  useEffect(() => onReady(suspendTerminal), [onReady, suspendTerminal]);
  setCursorPosition(cursor);
  return <Text>{lines.join("\n")}</Text>;
}
