// Analyzes each query that stands in the folder given, behind the one in events.kql, against the tables it reads.
// Prints, as JSON: what is wrong with it, its result's columns, the operators it is made of, and for each pipeline over
// EdgeEvents the events it asks for, the columns it uses and the values it compares them with.
const fs = require('node:fs');
const path = require('node:path');
require('@kusto/language-service-next/bridge.min.js');
require('@kusto/language-service-next/Kusto.Language.Bridge.min.js');

const { GlobalState, KustoCode, Symbols, Syntax } = Kusto.Language;

// https://learn.microsoft.com/azure/azure-monitor/reference/tables/apptraces and /apprequests
const tables = {
  AppTraces: `(TenantId: string, TimeGenerated: datetime, Message: string, SeverityLevel: int, Properties: dynamic,
    Measurements: dynamic, OperationName: string, OperationId: string, ParentId: string, SyntheticSource: string,
    SessionId: string, UserId: string, UserAuthenticatedId: string, UserAccountId: string, AppVersion: string,
    AppRoleName: string, AppRoleInstance: string, ClientType: string, ClientModel: string, ClientOS: string,
    ClientIP: string, ClientCity: string, ClientStateOrProvince: string, ClientCountryOrRegion: string,
    ClientBrowser: string, ResourceGUID: string, IKey: string, SDKVersion: string, ItemCount: int,
    ReferencedItemId: string, ReferencedType: string, SourceSystem: string, Type: string, _ResourceId: string)`,
  AppRequests: `(TenantId: string, TimeGenerated: datetime, Id: string, Source: string, Name: string, Url: string,
    Success: bool, ResultCode: string, DurationMs: real, PerformanceBucket: string, Properties: dynamic,
    Measurements: dynamic, OperationName: string, OperationId: string, ParentId: string, SyntheticSource: string,
    SessionId: string, UserId: string, UserAuthenticatedId: string, UserAccountId: string, AppVersion: string,
    AppRoleName: string, AppRoleInstance: string, ClientType: string, ClientModel: string, ClientOS: string,
    ClientIP: string, ClientCity: string, ClientStateOrProvince: string, ClientCountryOrRegion: string,
    ClientBrowser: string, ResourceGUID: string, IKey: string, SDKVersion: string, ItemCount: int,
    ReferencedItemId: string, ReferencedType: string, SourceSystem: string, Type: string, _ResourceId: string)`,
};

const symbols = Object.entries(tables).map(([name, schema]) => new Symbols.TableSymbol.$ctor7(name, schema, null));
const database = new Symbols.DatabaseSymbol.ctor('workspace', symbols);
const globals = GlobalState.Default.WithDatabase(database);

function each(node, visit) {
  visit(node);
  for (let i = 0; i < node.ChildCount; i++) {
    const child = node.GetChild(i);
    if (child) {
      each(child, visit);
    }
  }
}

const isA = (node, type) => Bridge.is(node, type);
const list = (values) => Array.from({ length: values.Count }, (_, i) => values.getItem(i));

function literals(node) {
  const values = [];
  each(node, (value) => {
    if (isA(value, Syntax.LiteralExpression) && typeof value.LiteralValue === 'string') {
      values.push(value.LiteralValue);
    }
  });
  return values;
}

function pipelineOf(node) {
  let top = node;
  while (top.Parent && isA(top.Parent, Syntax.PipeExpression)) {
    top = top.Parent;
  }
  return top;
}

function analyze(text) {
  const code = KustoCode.ParseAndAnalyze(text, globals);
  const errors = list(code.GetDiagnostics()).map((d) => `${d.Severity}: ${d.Message} at '${text.substr(d.Start, Math.max(1, d.Length))}'`);
  const pipelines = [];
  const operators = new Set();
  each(code.Syntax, (source) => {
    if (isA(source, Syntax.QueryOperator)) {
      operators.add(Bridge.Reflection.getTypeName(source.constructor).split('.').pop());
    }
    if (!isA(source, Syntax.FunctionCallExpression) || source.Name.SimpleName !== 'EdgeEvents') {
      return;
    }
    const offered = new Set(list(source.ResultType.Columns));
    const columns = new Set();
    const asked = {};
    const events = literals(source.ArgumentList);
    each(pipelineOf(source), (node) => {
      if (isA(node, Syntax.NameReference) && offered.has(node.ReferencedSymbol)) {
        columns.add(node.SimpleName);
      }
      const compared = (isA(node, Syntax.BinaryExpression) || isA(node, Syntax.InExpression)) && offered.has(node.Left.ReferencedSymbol);
      if (compared) {
        (asked[node.Left.SimpleName] ??= []).push(...literals(node.Right));
      }
    });
    pipelines.push({ events, columns: [...columns], asked });
  });
  const result = code.ResultType;
  return { errors, result: result && result.Columns ? list(result.Columns).map((c) => ({ name: c.Name, type: c.Type.Name })) : [], operators: [...operators], pipelines };
}

const folder = process.env.QUERIES;
const prologue = fs.readFileSync(path.join(folder, 'events.kql'), 'utf8');
const queries = {};
for (const file of fs.readdirSync(folder).filter((name) => name.endsWith('.kql') && name !== 'events.kql').sort()) {
  queries[file] = analyze(`${prologue}\n${fs.readFileSync(path.join(folder, file), 'utf8')}`);
}
console.log(JSON.stringify(queries));
